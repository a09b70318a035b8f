"""Datenparallelität: dasselbe Training auf einem und auf zwei Prozessen.

Kapitel   5.50 Trainingspraxis und Optimierung · Effizientes Training
Folie     Glossar: Data Parallelism
Lernziel  Verstehen, warum zwei Prozesse dasselbe Ergebnis liefern, und wo die gewonnene Zeit bleibt
Laufzeit  ca. 30 s (2 CPU-Kerne)
Daten     Fashion-MNIST
Erwartet  abweichung_cnn 0–0.0001, abweichung_mlp 0–0.0001, genauigkeit_cnn 0.65–0.74,
          genauigkeit_mlp 0.48–0.66
Original  abweichung_cnn 0–0.0001, genauigkeit_cnn 0.65–0.76, genauigkeit_mlp 0.64–0.75

Jeder Prozess hat eine Kopie des Netzes und bekommt von jedem Batch seinen Teil. Im
Rückwärtsschritt bilden alle den Mittelwert ihrer Gradienten (all-reduce); dann macht jeder
denselben Schritt. Das Skript startet weitere Prozesse: als Ganzes starten, nicht Zelle für Zelle.
"""

# %% Stellschrauben: hier live drehen
WORKERS = 2
BATCH_PER_WORKER = 64  # Test: 16; probiere 8: öfter mitteln, weniger rechnen je Schritt
N_TRAIN = 5_120  # Test: 128
EPOCHS = 2  # Test: 1
LEARNING_RATE = 0.02
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
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

NETS = ("CNN", "MLP")

# %% Zwei Netze: viel Rechnung mit wenigen Gewichten, und umgekehrt
def build_model(name):
    if name == "CNN":  # GELU ist glatt: Am Knick von ReLU kann schon eine Rundung viel ändern
        hidden = [nn.Conv2d(1, 16, 3), nn.GELU(), nn.Conv2d(16, 32, 3), nn.GELU()]
        return nn.Sequential(*hidden, nn.AvgPool2d(4), nn.Flatten(), nn.Linear(32 * 6 * 6, 10))
    hidden = [nn.Linear(28 * 28, 1024), nn.GELU(), nn.Linear(1024, 1024), nn.GELU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(1024, 10))


# %% Das Training: derselbe Code für einen und für viele Prozesse
def train_epochs(model, loader, learning_rate, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    start = time.perf_counter()
    for epoch in range(epochs):
        loader.sampler.set_epoch(epoch)  # mischt neu, in allen Prozessen gleich
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()  # mittelt dabei die Gradienten
            optimizer.step()
    return time.perf_counter() - start


def work(rank, workers, folder, images, labels, batch_size, learning_rate, epochs, seed):
    """Läuft in jedem Prozess: trifft die anderen und trainiert mit ihnen beide Netze."""
    torch.set_num_threads(1)  # ein Kern je Prozess
    meeting = Path(folder, "treffpunkt").as_uri()  # über diese Datei finden sie sich
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=workers)
    dataset = TensorDataset(torch.tensor(images).unsqueeze(1) / 255, torch.tensor(labels).long())
    sampler = DistributedSampler(dataset, seed=seed)  # gibt jedem Prozess seinen Teil der Bilder
    loader = DataLoader(dataset, batch_size, sampler=sampler)
    results = {}
    for name in NETS:
        torch.manual_seed(seed)  # überall dieselben Anfangsgewichte
        model = DistributedDataParallel(build_model(name))
        seconds = train_epochs(model, loader, learning_rate, epochs)
        weights = nn.utils.parameters_to_vector(model.module.parameters()).detach()
        with model.no_sync():  # noch einmal, aber jeder für sich: So lange dauert das Rechnen
            computing = train_epochs(model, loader, learning_rate, epochs)
        results[name] = {"weights": weights, "seconds": seconds, "computing": computing}
    if rank == 0:
        torch.save(results, Path(folder, "ergebnis.pt"))
    dist.barrier()
    dist.destroy_process_group()


# %% Ab hier nur im ersten Prozess
if __name__ == "__main__":
    import matplotlib.pyplot as plt

    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    n_train = min(N_TRAIN, len(x_train)) // WORKERS * WORKERS  # gleich viele für jeden Prozess
    x_train, y_train = x_train[:n_train], y_train[:n_train]
    x_test, y_test = torch.tensor(x_test).unsqueeze(1) / 255, torch.tensor(y_test)
    for interface, addresses in psutil.net_if_addrs().items():
        if "127.0.0.1" in [address.address for address in addresses]:
            os.environ["GLOO_SOCKET_IFNAME"] = interface  # sprich nur innerhalb dieses Rechners

    # %% Einmal mit einem Prozess, einmal mit mehreren; der ganze Batch ist jedes Mal gleich groß
    results = {}
    for workers in sorted({1, WORKERS}):
        print(f"\n{n_train} Bilder, {EPOCHS} Epochen, Prozesse: {workers} …")
        batch_size = BATCH_PER_WORKER * WORKERS // workers
        settings = (batch_size, LEARNING_RATE, EPOCHS, SEED)
        with tempfile.TemporaryDirectory() as folder:
            mp.spawn(work, args=(workers, folder, x_train, y_train, *settings), nprocs=workers)
            outcome = torch.load(Path(folder, "ergebnis.pt"))
        for name, result in outcome.items():
            results[name, workers] = result
            if not result["weights"].isfinite().all():
                raise ValueError("Beim Training sind die Gewichte ins Unendliche gewachsen")
            print(f"  {name}: {result['seconds']:.1f} s, davon rechnen {result['computing']:.1f} s")

    # %% Dasselbe Ergebnis? Und wo bleibt die Zeit?
    difference, accuracy = {}, {}
    for name in NETS:
        one, many = results[name, 1], results[name, WORKERS]
        difference[name] = float((one["weights"] - many["weights"]).abs().max())
        model = build_model(name)
        nn.utils.vector_to_parameters(many["weights"], model.parameters())
        with torch.no_grad():
            accuracy[name] = float((model(x_test).argmax(dim=1) == y_test).float().mean())
        speedup = one["seconds"] / many["seconds"]
        exchange = max(0, 1 - many["computing"] / many["seconds"]) if WORKERS > 1 else 0
        print(f"\n{name}, Testgenauigkeit {accuracy[name]:.3f}", end=", ")
        print(f"größter Unterschied eines Gewichts {difference[name]:.1e}")
        print(f"  mit {WORKERS} Prozessen {speedup:.1f}-mal so schnell;", end=" ")
        print(f"{exchange:.0%} der Zeit gehen in das Mitteln der Gradienten")

    figure, axis = plt.subplots()
    labels = [f"{name}, Prozesse: {workers}" for name, workers in results]
    axis.barh(labels, [r["seconds"] for r in results.values()], label="Gradienten mitteln")
    axis.barh(labels, [r["computing"] for r in results.values()], label="rechnen")
    axis.invert_yaxis()
    axis.set(xlabel="Sekunden", title="Wo bleibt die Zeit?")
    axis.legend()
    plt.show()

    # %% Was man sieht
    # Die Gewichte unterscheiden sich nur durch Rundung: In anderer Reihenfolge addiert, ändert sich
    # die letzte Stelle. Das CNN rechnet viel und verschickt wenig, das MLP umgekehrt. Ohne GPU sind
    # Threads einfacher; Prozesse lohnen sich für mehrere GPUs (mit "nccl") oder mehrere Rechner.
    ergebnis(
        abweichung_cnn=difference["CNN"],
        abweichung_mlp=difference["MLP"],
        genauigkeit_cnn=accuracy["CNN"],
        genauigkeit_mlp=accuracy["MLP"],
    )
