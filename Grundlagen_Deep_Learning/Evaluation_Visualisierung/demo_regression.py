"""Regression: Wie warm wird es morgen? Gemessen mit MSE und MAE.

Kapitel   1.85 Grundlagen des Deep Learning · Evaluation und Visualisierung
Folie     Wichtige Metriken Regression: MSE/MAE
Lernziel  Ein Netz sagt eine Zahl statt einer Klasse voraus; MSE und MAE als Metrik und als Loss
Laufzeit  ca. 20 s (2 CPU-Kerne)
Daten     Wetter (1.461 Tage aus Seattle, oder weatherAUS.csv)
Erwartet  mae_gestern 2–3, mae_mse 1.9–2.4, mae_mae 1.9–2.5, schaden_mse 0.8–2.8,
          schaden_mae -0.4–0.3, mse_waechst 2–3, mae_waechst 1.04–1.12
Original  mae_gestern 2.5–2.7, mae_mse 2.45–2.75, mae_mae 2.45–2.75, schaden_mse 1.2–3.3,
          schaden_mae -0.3–0.3, mse_waechst 1.7–2, mae_waechst 1.04–1.09

Der Loss entscheidet, was ein Ausreißer kostet: MSE quadriert jeden Fehler, MAE nimmt seinen Betrag.
Einige Trainingstage bekommen hier einen Messfehler, wie ein Thermometer, das in der Sonne hing.
"""

# %% Stellschrauben: hier live drehen
N_OUTLIERS = 60  # so viele Trainingstage haben einen Messfehler; probiere 0
OUTLIER = 60.0  # Grad zu viel
EPOCHS = 60  # Test: 2
UNITS = 32
SEED = 42

# %% Bibliotheken laden (einige Sekunden)
from kurs import ergebnis
from kurs.wetter import wettertage

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.preprocessing import StandardScaler

# %% Daten: aus den Messwerten von heute die Höchsttemperatur von morgen
days, _ = wettertage()
days = days[["precipitation", "temp_max", "temp_min", "date"]].dropna().iloc[-1461:]
year = 2 * np.pi * days["date"].dt.day_of_year / 365.25  # die Jahreszeit als Punkt auf einem Kreis
x = days[["precipitation", "temp_max", "temp_min"]].to_numpy()[:-1]
x = np.column_stack([x, np.sin(year)[:-1], np.cos(year)[:-1]])
y = days["temp_max"].to_numpy()[1:]
n_train = int(0.75 * len(x))  # die ersten drei Viertel; getestet wird auf der Zeit danach
scaler = StandardScaler().fit(x[:n_train])
x_train, x_test, y_test = scaler.transform(x[:n_train]), scaler.transform(x[n_train:]), y[n_train:]
print(f"{n_train} Tage zum Trainieren, {len(x_test)} zum Testen")

y_faulty = y[:n_train].copy()
hit = np.random.default_rng(SEED).choice(n_train, min(N_OUTLIERS, n_train), replace=False)
y_faulty[hit] += OUTLIER
print(f"Bei {len(hit)} Trainingstagen zeigt das Thermometer {OUTLIER:g} Grad zu viel.")


# %% Dasselbe Netz mit zwei Losses; die letzte Schicht hat ein Neuron und keine Aktivierung
def train(loss, y_train):
    keras.utils.set_random_seed(SEED)
    hidden = keras.layers.Dense(UNITS, activation="relu")
    model = keras.Sequential([keras.Input((x.shape[1],)), hidden, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss=loss, metrics=["mae", "mse"])
    model.fit(x_train, y_train, epochs=EPOCHS, batch_size=32, verbose=0)
    return model.predict(x_test, verbose=0)[:, 0]


today = x[n_train:, 1]  # die einfachste Vorhersage: morgen wird es wie heute
predictions = {"wie heute": today}
for loss in ("mse", "mae"):
    predictions[f"Loss {loss.upper()}"] = train(loss, y[:n_train])
    predictions[f"Loss {loss.upper()}, mit Ausreißern"] = train(loss, y_faulty)

# %% Beide Metriken auf den Testtagen; dort gibt es keine Messfehler
mse, mae = {}, {}
print(f"\n{'Im Test':27}     MSE     MAE  (MAE in Grad, MSE in Grad²)")
for name, prediction in predictions.items():
    mse[name] = mean_squared_error(y_test, prediction)
    mae[name] = mean_absolute_error(y_test, prediction)
    print(f"{name:27}{mse[name]:8.2f}{mae[name]:8.2f}")

# Als Metrik: Ein einziger Messfehler am ersten Testtag
y_wrong = y_test + OUTLIER * (np.arange(len(y_test)) == 0)
best = predictions["Loss MSE"]
mse_grows = mean_squared_error(y_wrong, best) / mse["Loss MSE"]
mae_grows = mean_absolute_error(y_wrong, best) / mae["Loss MSE"]
print(f"Ein falscher Tag von {len(y_test)}: MSE mal {mse_grows:.2f}, MAE mal {mae_grows:.2f}")

# %% Bild: Was kostet ein Fehler, und was machen die Ausreißer mit der Vorhersage?
figure, axes = plt.subplots(1, 2, figsize=(13, 5.5))
error = np.linspace(-4, 4, 200)
axes[0].plot(error, error**2, label="MSE: Fehler²")
axes[0].plot(error, abs(error), "--", label="MAE: |Fehler|")
axes[0].set(title="Was kostet ein Fehler?", xlabel="Fehler (Grad)", ylabel="Beitrag zum Loss")
shown = slice(0, 60)
axes[1].plot(y_test[shown], color="black", label="gemessen")
for loss, style in (("MSE", "-"), ("MAE", "--")):
    axes[1].plot(predictions[f"Loss {loss}, mit Ausreißern"][shown], style, label=f"Loss {loss}")
axes[1].set(title="Trainiert mit Ausreißern", xlabel="Testtag", ylabel="Höchsttemperatur (Grad)")
for axis in axes:
    axis.legend()
plt.show()

# %% Was man sieht
# Mit MSE zieht jeder Ausreißer die Vorhersage zu sich: Das Mittel ist die beste Antwort. Mit MAE
# ist es der Median, und den stören einzelne falsche Werte kaum. Als Metrik liest sich MAE leichter:
# Grad statt Grad im Quadrat.
harm = {loss: mae[f"Loss {loss}, mit Ausreißern"] - mae[f"Loss {loss}"] for loss in ("MSE", "MAE")}
print("So viele Grad (MAE im Test) kosten die Ausreißer im Training: ", end="")
print(", ".join(f"Loss {loss} {degrees:+.2f}" for loss, degrees in harm.items()))
ergebnis(
    mae_gestern=mae["wie heute"],
    mae_mse=mae["Loss MSE"],
    mae_mae=mae["Loss MAE"],
    schaden_mse=harm["MSE"],
    schaden_mae=harm["MAE"],
    mse_waechst=mse_grows,
    mae_waechst=mae_grows,
)
