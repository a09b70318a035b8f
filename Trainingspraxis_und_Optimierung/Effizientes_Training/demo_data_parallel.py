"""Datenparallelität: dasselbe Training auf einem und auf zwei Prozessen.

Kapitel   5.50 Trainingspraxis und Optimierung · Effizientes Training
Folie     Glossar: Data Parallelism
Lernziel  Verstehen, warum zwei Prozesse dasselbe Ergebnis liefern, und wo die gewonnene Zeit bleibt
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  abweichung_cnn 0–0.0001, abweichung_mlp 0–0.0001, genauigkeit_cnn 0.65–0.74,
          genauigkeit_mlp 0.48–0.66

Jeder Prozess hat eine Kopie des Netzes und bekommt von jedem Batch seinen Teil. Nach dem
Rückwärtsschritt bilden alle den Mittelwert ihrer Gradienten (all-reduce), und jeder macht denselben
Schritt. Mit zwei oder mehr GPUs rechnet je Prozess eine GPU (nccl), sonst je Prozess ein CPU-Kern (gloo).
Dieses Skript startet weitere Prozesse: als Ganzes starten, nicht Zelle für Zelle.
"""

# %% Stellschrauben: hier live drehen
WORKERS = 2
BATCH_SIZE = 128  # Test: 32; aller Prozesse zusammen, teilbar durch WORKERS
N_TRAIN = 5_120  # Test: 128
EPOCHS = 2  # Test: 1
LEARNING_RATE = 0.02
SEED = 42
NETS = ("CNN", "MLP")

# %% Bibliotheken laden (einige Sekunden, in jedem Prozess einmal)
import os
import time
from collections import defaultdict
from datetime import timedelta

from kurs import ausgabe_ordner, ergebnis
from kurs.bilder import fashion_mnist

import psutil
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


# %% Zwei Netze: viel Rechnung mit wenigen Gewichten, und umgekehrt
def build_model(name):
    gelu = torch.nn.GELU()  # glatt; am Knick von ReLU kann eine Rundung ein Neuron umschalten
    if name == "CNN":
        first, second = torch.nn.Conv2d(1, 16, 3), torch.nn.Conv2d(16, 32, 3)
        head = torch.nn.Linear(32 * 6 * 6, 10)
        pool, flatten = torch.nn.AvgPool2d(4), torch.nn.Flatten()
        return torch.nn.Sequential(first, gelu, second, gelu, pool, flatten, head)
    first, second = torch.nn.Linear(28 * 28, 1024), torch.nn.Linear(1024, 1024)
    head = torch.nn.Linear(1024, 10)
    return torch.nn.Sequential(torch.nn.Flatten(), first, gelu, second, gelu, head)


# %% Das Training: derselbe Code für einen und für viele Prozesse
def train(name, images, labels, knobs, device):
    """Trainiert eines der Netze; gibt Gewichte, Sekunden je Tätigkeit und Sekunden gesamt zurück."""
    rank, world_size = dist.get_rank(), dist.get_world_size()
    seconds = defaultdict(float)

    def clock():
        if device.type == "cuda":  # eine GPU arbeitet im Hintergrund: erst warten, dann ablesen
            torch.cuda.synchronize(device)
        return time.perf_counter()

    def average_gradients(_, bucket):
        """Was DistributedDataParallel ohnehin täte, hier mit Stoppuhr und ohne Überlappung."""
        start = clock()
        dist.barrier()
        seconds["auf den anderen warten"] += clock() - start
        start = clock()
        gradients = bucket.buffer()
        dist.all_reduce(gradients, op=dist.ReduceOp.SUM)
        gradients /= world_size
        seconds["Gradienten mitteln"] += clock() - start
        future = torch.futures.Future(devices=[device] if device.type == "cuda" else [])
        future.set_result(gradients)
        return future

    torch.manual_seed(knobs["SEED"])  # überall dieselben Anfangsgewichte
    model = DistributedDataParallel(build_model(name).to(device))
    model.register_comm_hook(None, average_gradients)
    optimizer = torch.optim.SGD(model.parameters(), lr=knobs["LEARNING_RATE"], momentum=0.9)

    # Der Sampler mischt überall gleich und gibt jedem Prozess jedes world_size-te Bild: Alle Teile
    # zusammen sind genau der Batch, den ein einziger Prozess bekäme.
    x = torch.from_numpy(images).to(device).unsqueeze(1) / 255.0
    dataset = TensorDataset(x, torch.from_numpy(labels).to(device).long())
    sampler = DistributedSampler(dataset, world_size, rank, shuffle=True, seed=knobs["SEED"])
    loader = DataLoader(
        dataset, batch_size=knobs["BATCH_SIZE"] // world_size, sampler=sampler, drop_last=True
    )
    begin = start = clock()
    for epoch in range(knobs["EPOCHS"]):
        sampler.set_epoch(epoch)
        for x_batch, y_batch in loader:
            seconds["Daten holen"] += clock() - start
            start, before = clock(), sum(seconds.values())
            loss = torch.nn.functional.cross_entropy(model(x_batch), y_batch)
            optimizer.zero_grad()
            loss.backward()  # ruft average_gradients
            exchanged = sum(seconds.values()) - before
            seconds["vorwärts und rückwärts"] += clock() - start - exchanged
            start = clock()
            optimizer.step()
            seconds["Gewichte ändern"] += clock() - start
            start = clock()
    weights = {key: tensor.cpu() for key, tensor in model.module.state_dict().items()}
    return {"weights": weights, "seconds": dict(seconds), "total": clock() - begin}


def work(rank, world_size, threads, images, labels, knobs, folder):
    """Ein Prozess von `world_size`: trifft die anderen, trainiert alle Netze; der erste speichert."""
    gpu = torch.cuda.device_count() >= WORKERS and dist.is_nccl_available()
    device = torch.device("cuda", rank) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    torch.set_num_threads(threads)
    # Die Prozesse finden sich über eine Datei und sprechen nur innerhalb dieses Rechners miteinander.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback())
    dist.init_process_group(
        "nccl" if gpu else "gloo",
        store=dist.FileStore(str(folder / "treffpunkt"), world_size),
        rank=rank,
        world_size=world_size,
        timeout=timedelta(minutes=5),
    )
    results = {name: train(name, images, labels, knobs, device) for name in NETS}
    if rank == 0:
        torch.save(results, folder / "ergebnis.pt")
    dist.barrier()
    dist.destroy_process_group()


def loopback():
    """Der Name der Netzwerkschnittstelle, die nur innerhalb dieses Rechners verbindet."""
    interfaces = psutil.net_if_addrs().items()
    return next(
        name for name, addresses in interfaces if "127.0.0.1" in [a.address for a in addresses]
    )


# %% Ab hier nur im ersten Prozess
if __name__ == "__main__":
    import matplotlib.pyplot as plt

    plt.rcParams["font.size"] = 12
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    x_train, y_train = x_train[:N_TRAIN], y_train[:N_TRAIN]
    x_test = torch.from_numpy(x_test).unsqueeze(1) / 255.0
    y_test = torch.from_numpy(y_test)
    knobs = {"BATCH_SIZE": BATCH_SIZE, "EPOCHS": EPOCHS, "LEARNING_RATE": LEARNING_RATE}
    knobs["SEED"] = SEED
    gpus = torch.cuda.device_count()
    print(f"{os.cpu_count()} CPU-Kerne, {gpus} GPUs:", end=" ")
    print("je Prozess eine GPU (nccl)" if gpus >= WORKERS else "je Prozess ein CPU-Kern (gloo)")

    for name in NETS:
        count = sum(p.numel() for p in build_model(name).parameters())
        print(f"{name}: {count} Gewichte, je Schritt {count * 4 / 1e6:.1f} MB Gradienten")

    runs = {"1 Prozess": (1, 1), f"{WORKERS} Prozesse": (WORKERS, 1)}
    runs[f"1 Prozess, {WORKERS} Threads"] = (1, WORKERS)
    results = {}
    for run, (world_size, threads) in runs.items():
        folder = ausgabe_ordner() / run.replace(", ", " ")
        folder.mkdir(exist_ok=True)
        (folder / "treffpunkt").unlink(missing_ok=True)  # der eines alten Laufs verwirrt die Suche
        arguments = (world_size, threads, x_train, y_train, knobs, folder)
        print(f"\n{run} …")
        begin = time.perf_counter()
        if world_size == 1:
            work(0, *arguments)
        else:
            mp.spawn(work, args=arguments, nprocs=world_size)
        wall = time.perf_counter() - begin
        for name, result in torch.load(folder / "ergebnis.pt", weights_only=True).items():
            model = build_model(name)
            model.load_state_dict(result["weights"])
            with torch.no_grad():
                correct = model(x_test).argmax(dim=1) == y_test
            result["accuracy"] = correct.float().mean().item()
            results[name, run] = result
            print(f"  {name}  {result['total']:5.1f} s, Genauigkeit {result['accuracy']:.4f}")
            wall -= result["total"]
        if world_size > 1:
            print(f"  Dazu {wall:.0f} s, um die Prozesse zu starten (jeder lädt seine Bibliotheken)")

    # %% Dasselbe Ergebnis?
    first, parallel, threaded = runs
    print("\nGrößter Unterschied eines Gewichts zum Training mit einem Prozess:")
    differences = {}
    for name in NETS:
        reference = results[name, first]["weights"]
        for run in (parallel, threaded):
            weights = results[name, run]["weights"]
            gaps = [(weights[key] - reference[key]).abs().max().item() for key in reference]
            differences[name, run] = max(gaps)
            print(f"  {name}, {run}: {max(gaps):.1e}")
    print("Das ist Rundung: In anderer Reihenfolge addiert, ändert sich die letzte Stelle.")

    # %% Wo bleibt die Zeit?
    figure, axes = plt.subplots(1, 2, figsize=(13, 5))
    activities = {
        "vorwärts und rückwärts": ("tab:blue", ""),
        "Gradienten mitteln": ("tab:orange", "//"),
        "auf den anderen warten": ("lightgray", ".."),
        "Gewichte ändern": ("tab:purple", "xx"),
        "Daten holen": ("black", ""),
    }
    for axis, name in zip(axes, NETS):
        left = dict.fromkeys(runs, 0.0)
        for activity, (color, hatch) in activities.items():
            widths = [results[name, run]["seconds"][activity] for run in runs]
            axis.barh(
                list(runs), widths, left=list(left.values()), label=activity, color=color,
                hatch=hatch, edgecolor="white",
            )  # fmt: skip
            left = {run: left[run] + width for run, width in zip(runs, widths)}
        axis.invert_yaxis()
        axis.set(xlabel="Sekunden", title=name)
    axes[1].set_yticklabels([])
    figure.suptitle("Rechnen lässt sich teilen; das Mitteln der Gradienten kommt dazu")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=3, frameon=False)
    plt.show()

    for name in NETS:
        alone, together = results[name, first], results[name, parallel]
        exchange = together["seconds"]["Gradienten mitteln"] / together["total"]
        print(
            f"{name}: {alone['total'] / together['total']:.2f}-mal so schnell mit {WORKERS} Prozessen; "
            f"{exchange:.0%} der Zeit gehen in das Mitteln der Gradienten."
        )

    # %% Was man sieht
    # Das CNN rechnet viel und hat wenig zu verschicken, das MLP umgekehrt: Bei ihm frisst das Mitteln
    # einen großen Teil des Gewinns. Auf einem Rechner sind Threads das einfachere Mittel (dritter
    # Balken), Prozesse lohnen sich für mehrere GPUs oder Rechner. Zum Ausprobieren: BATCH_SIZE = 32
    # (öfter mitteln, weniger rechnen je Schritt) und
    # ReLU statt GELU: Kippt durch Rundung ein Neuron über den Knick, wächst der Unterschied auf ein
    # Tausendstel. Auch das ist kein Fehler, nur ein Training, das kleine Störungen vergrößert.
    ergebnis(
        abweichung_cnn=differences["CNN", parallel],
        abweichung_mlp=differences["MLP", parallel],
        genauigkeit_cnn=results["CNN", parallel]["accuracy"],
        genauigkeit_mlp=results["MLP", parallel]["accuracy"],
    )
