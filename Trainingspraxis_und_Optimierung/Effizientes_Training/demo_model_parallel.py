"""Modellparallelität: ein Netz, zerschnitten auf zwei Prozesse.

Kapitel   5.55 Trainingspraxis und Optimierung · Effizientes Training
Folie     Glossar: Model Parallelism
Lernziel  Ein Netz teilen, das für ein Gerät zu groß ist, und sehen, wo dabei Zeit verloren geht
Laufzeit  ca. 15 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  abweichung 0–0.0001, speicher_anteil 0.5–0.51, wartet_am_stueck 0.4–0.7,
          wartet_pipeline 0–0.45

Ein Prozess hat die vorderen Schichten, einer die hinteren. Vorwärts gehen Aktivierungen nach
hinten, rückwärts Gradienten nach vorne; wer nichts hat, wartet. Das Skript startet weitere
Prozesse: als Ganzes starten, nicht Zelle für Zelle.
"""

# %% Stellschrauben: hier live drehen
MICROBATCHES = 8  # in so viele Stücke zerlegt die Pipeline einen Batch; probiere 2 und 64
PROCESSES = 2  # so viele Teile hat das Netz
LAYERS = 16  # Test: 4
BATCH_SIZE = 512  # Test: 32
STEPS = 6  # Test: 2
SEED = 42

# %% Bibliotheken laden (einige Sekunden, in jedem Prozess einmal)
import os
import tempfile
import time
from pathlib import Path

from kurs import ergebnis
from kurs.bilder import fashion_mnist

import psutil
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.distributed.pipelining import PipelineStage, ScheduleGPipe

SIZE = 28 * 28


# %% Das Netz: gleich große Schichten; jeder Prozess baut nur seine
def build_part(rank, parts, layers, seed):
    blocks = []
    for number in range(layers * rank // parts, layers * (rank + 1) // parts):
        torch.manual_seed(seed + number)  # so fängt jede Schicht in jedem Prozess gleich an
        blocks += [nn.LayerNorm(SIZE), nn.Linear(SIZE, SIZE), nn.GELU()]
    if rank == parts - 1:
        blocks.append(nn.Linear(SIZE, 10))
    model = nn.Sequential(*blocks)
    return model, torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)


def megabytes(weights):  # jedes Gewicht mit seinem Gradienten und seinem Momentum
    return 3 * sum(weight.nbytes for weight in weights) / 1e6


def timed(function, color, times):  # dieselbe Funktion, die ihre Zeiten aufschreibt
    def run(*arguments, **options):
        start = time.perf_counter()
        output = function(*arguments, **options)
        times.append((color, start, time.perf_counter()))
        return output
    return run


# %% Was jeder der Prozesse tut
def work(rank, parts, folder, x, y, microbatches, layers, steps, seed):
    """Trainiert seinen Teil des Netzes, erst mit dem Batch am Stück, dann als Pipeline."""
    torch.set_num_threads(1)  # ein Kern je Prozess
    meeting = Path(folder, "treffpunkt").as_uri()  # über diese Datei finden sie sich
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=parts)
    results, inputs = [], [x] if rank == 0 else []  # die Bilder bekommt nur der erste
    for pieces in (1, microbatches):
        model, optimizer = build_part(rank, parts, layers, seed)
        stage, times = PipelineStage(model, rank, parts, torch.device("cpu")), []
        stage.forward_one_chunk = timed(stage.forward_one_chunk, "C0", times)
        stage.backward_one_chunk = timed(stage.backward_one_chunk, "C1", times)
        schedule = ScheduleGPipe(stage, pieces, loss_fn=nn.functional.cross_entropy)
        for _ in range(steps):
            optimizer.zero_grad()
            times.clear()  # nur der letzte Schritt zählt
            schedule.step(*inputs, target=y)
            optimizer.step()
        results.append((times, [weight.detach() for weight in model.parameters()]))
    torch.save(results, Path(folder, f"{rank}.pt"))
    dist.barrier()
    dist.destroy_process_group()


# %% Ab hier nur im ersten Prozess
if __name__ == "__main__":
    import matplotlib.pyplot as plt

    (x, y), _ = fashion_mnist.load_data()
    pieces = min(MICROBATCHES, BATCH_SIZE, len(x))
    size = min(BATCH_SIZE, len(x)) // pieces * pieces  # alle Stücke gleich groß
    x, y = torch.tensor(x[:size]).reshape(-1, SIZE) / 255, torch.tensor(y[:size]).long()
    for interface, addresses in psutil.net_if_addrs().items():
        if "127.0.0.1" in [address.address for address in addresses]:
            os.environ["GLOO_SOCKET_IFNAME"] = interface  # sprich nur innerhalb dieses Rechners

    # %% Ungeteilt, in diesem Prozess
    torch.set_num_threads(1)
    model, optimizer = build_part(0, 1, LAYERS, SEED)
    for _ in range(STEPS):
        optimizer.zero_grad()
        start = time.perf_counter()
        nn.functional.cross_entropy(model(x), y).backward()
        alone = time.perf_counter() - start
        optimizer.step()
    whole = [weight.detach() for weight in model.parameters()]
    print(f"Ungeteilt: {megabytes(whole):.0f} MB, ein Schritt dauert {alone:.2f} s", flush=True)

    # %% Dieselben Schritte mit geteiltem Netz
    knobs = (pieces, LAYERS, STEPS, SEED)
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(work, args=(PROCESSES, folder, x, y, *knobs), nprocs=PROCESSES)
        parts = [torch.load(Path(folder, f"{rank}.pt")) for rank in range(PROCESSES)]
    _, axes = plt.subplots(2, 1, sharex=True, figsize=(12, 6))
    waiting = []
    for axis, name, own in zip(axes, ("am Stück", f"in {pieces} Stücken"), zip(*parts)):
        spans = [(begin, end) for times, _ in own for _, begin, end in times]
        first, last = min(begin for begin, _ in spans), max(end for _, end in spans)
        waiting.append(1 - sum(e - b for b, e in spans) / (PROCESSES * (last - first)))
        print(f"Geteilt, der Batch {name}: ein Schritt dauert {last - first:.2f} s", end=", ")
        print(f"{alone / (last - first):.1f}-mal so schnell wie ungeteilt")
        for rank, (times, _) in enumerate(own):
            for color, begin, end in times:
                axis.barh(f"Prozess {rank + 1}", end - begin, left=begin - first, color=color)
        axis.set_title(f"Der Batch {name}: Die Prozesse warten {waiting[-1]:.0%} ihrer Zeit")
        axis.invert_yaxis()
    axes[1].set_xlabel("Sekunden im letzten Schritt (blau: vorwärts, orange: rückwärts)")
    plt.show()

    # %% Was man sieht
    # Am Stück rechnet immer nur einer. In der Pipeline beginnt der zweite mit dem ersten Stück; die
    # Lücke am Anfang und Ende („bubble“) wird mit mehr Stücken kleiner, aber jedes Stück kostet.
    split = [weight for part in parts for weight in part[1][1]]
    difference = max(float((a - b).abs().max()) for a, b in zip(whole, split, strict=True))
    largest = max(megabytes(part[1][1]) for part in parts)
    print(f"\nSpeicher je Prozess: {largest:.0f} MB statt {megabytes(whole):.0f} MB")
    print(f"Größter Unterschied eines Gewichts nach {STEPS} Schritten: {difference:.0e}")
    ergebnis(
        abweichung=difference,
        speicher_anteil=largest / megabytes(whole),
        wartet_am_stueck=waiting[0],
        wartet_pipeline=waiting[1],
    )
