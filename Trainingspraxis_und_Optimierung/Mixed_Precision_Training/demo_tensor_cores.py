"""Tensor Cores: dieselbe Matrixmultiplikation in float32, TF32, float16 und bfloat16.

Kapitel   5.62 Trainingspraxis und Optimierung · Mixed Precision Training
Folie     Nutzung von NVIDIA Tensor Cores zur Trainingsbeschleunigung
Lernziel  Messen, was ein kleineres Zahlenformat an Tempo bringt und an Genauigkeit kostet
Laufzeit  ca. 6 s (2 CPU-Kerne)
Daten     Zufallszahlen
Erwartet  fehler_float32 0–0.00001, fehler_float16 0.0001–0.001, fehler_bfloat16 0.001–0.01

Ein Netz besteht fast nur aus Matrixmultiplikationen. Tensor Cores sind Rechenwerke auf GPUs, die
nichts anderes können: Sie multiplizieren meist Zahlen mit 16 Bit (oder TF32) und addieren genauer.
Ohne GPU rechnet das Skript mit der CPU; deren Zeiten sagen dann nichts über Tensor Cores.
"""

# %% Stellschrauben: hier live drehen
SIZE_GPU = 8192  # Kantenlänge der Matrizen mit GPU; probiere 256: Lohnt es sich noch?
SIZE_CPU = 512  # Test: 64; Kantenlänge ohne GPU
SECONDS = 1.0  # Test: 0.05; so lange wird jedes Format mindestens gemessen
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis

import matplotlib.pyplot as plt
import torch
from torch.utils.benchmark import Timer

# %% Womit wird gerechnet? Tensor Cores gibt es ab Compute Capability 7.0, TF32 und bfloat16 ab 8.0
has_gpu = torch.cuda.is_available()
device = "cuda" if has_gpu else "cpu"
size = SIZE_GPU if has_gpu else SIZE_CPU
if size < 1:
    raise ValueError("Eine Matrix hat wenigstens eine Zeile")
capability = torch.cuda.get_device_capability() if has_gpu else (0, 0)
if has_gpu:
    number = ".".join(map(str, capability))
    print(f"GPU: {torch.cuda.get_device_name()}, Compute Capability {number}.", end=" ")
    print("Sie hat Tensor Cores." if capability >= (7, 0) else "Tensor Cores hat sie noch nicht.")
else:
    print("Keine GPU, also keine Tensor Cores und kein TF32. Gemessen wird nur diese CPU:")
    print("Manche rechnet mit 16 Bit schneller, manche ahmt sie nach und wird viel langsamer.")
formats = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
if capability >= (8, 0):
    formats["TF32"] = torch.float32  # dieselben Daten; die Tensor Cores runden sie auf 19 Bit

# %% Messen: Tempo, und wie weit das Ergebnis vom genauen (float64) entfernt ist
torch.manual_seed(SEED)
a, b = torch.randn(2, size, size, device=device)
exact = a.double() @ b.double()
speed, error = {}, {}
print(f"\n{size} × {size} mal {size} × {size}: {2 * size**3 / 1e9:.2g} Milliarden Rechenschritte")
for name, dtype in formats.items():
    # "highest": float32 bleibt float32; "high": TF32 ist erlaubt
    torch.set_float32_matmul_precision("high" if name == "TF32" else "highest")
    x, y = a.to(dtype), b.to(dtype)
    timer = Timer("torch.matmul(x, y)", "import torch", globals={"x": x, "y": y})
    seconds = timer.blocked_autorange(min_run_time=SECONDS).median  # wartet auch auf die GPU
    speed[name] = 2 * size**3 / seconds / 1e9  # Milliarden Rechenschritte je Sekunde
    error[name] = float((torch.matmul(x, y).double() - exact).norm() / exact.norm())
    print(f"{name:10}{seconds * 1000:10.2f} ms{speed[name]:12.1f} GFLOP/s", end="")
    print(f"   relativer Fehler {error[name]:.1e}", flush=True)
torch.set_float32_matmul_precision("highest")

# %% Bild: Tempo gegen Genauigkeit
figure, axis = plt.subplots()
for name, marker in zip(formats, "os^D"):
    axis.plot(error[name], speed[name], marker, markersize=14, label=name)
axis.set(xscale="log", yscale="log", xlabel="relativer Fehler", ylabel="GFLOP/s")
axis.set_title(f"Was bringt ein kleineres Format auf dieser {'GPU' if has_gpu else 'CPU'}?")
axis.legend()
plt.show()

# %% Was man sieht
# float16 und TF32 haben 10 Bit hinter dem Komma, bfloat16 nur 7: Das bestimmt den Fehler, auf jedem
# Rechner. Das Tempo bestimmt die Hardware. Auf Tensor Cores rechnen 16 Bit oft ein Vielfaches
# schneller als float32, aber nur bei großen Matrizen: Kleine warten auf den Speicher und den Start.
for name in list(formats)[1:]:
    print(f"{name} rechnet hier {speed[name] / speed['float32']:.2g}-mal so schnell wie float32.")
ergebnis(
    fehler_float32=error["float32"],
    fehler_float16=error["float16"],
    fehler_bfloat16=error["bfloat16"],
)
