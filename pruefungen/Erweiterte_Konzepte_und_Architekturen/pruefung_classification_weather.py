"""Die Prüfung zu uebung_classification_weather.py: je Aufgabe die Diagnosen und drei Tipps."""

import contextlib
import io

from kurs.uebungen import Diagnose, funktion, modell, text, tipps, verfehlt, woerterbuch, zahl
from kurs.uebungen.spion import anteil, falsche_labels, mitgelesen

import keras
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

GENUG_EPOCHEN = (
    80  # bei Testwerten ist MAX_EPOCHS kleiner; gezählt wird nach der ausgelieferten Zahl
)


# --- Aufgabe 1 ------------------------------------------------------------------------------------


def immer_dasselbe(y, counts):
    same = np.full(len(y), counts.argmax())
    return np.mean(y == same), f1_score(y, same, average="macro")


def ist(given, wanted):
    """Ob es dieselbe Zahl ist, auch abgetippt und dabei gerundet."""
    return any(abs(given - round(wanted, digits)) < 1e-6 for digits in (2, 3, 4, 5, 16))


@tipps(
    "Wie oft hat recht, wer jeden Tag dieselbe Klasse nennt?",
    "np.full macht ein Feld aus lauter gleichen Zahlen; sklearn.metrics.f1_score hat average.",
    "same = np.full(len(y_test), counts.argmax()); naive_macro_f1 = f1_score(y_test, same, …)",
)
def aufgabe_1(naive_accuracy: zahl, naive_macro_f1: zahl, *, y_train, y_test, counts):
    accuracy, macro = immer_dasselbe(y_test, counts)
    im_training = immer_dasselbe(y_train, counts)
    if np.isclose(naive_accuracy, 100 * accuracy, atol=0.5):
        return "Das sind Prozent. Gesucht ist der Anteil, eine Zahl von 0 bis 1."
    if np.allclose([naive_macro_f1, naive_accuracy], [accuracy, macro], atol=0.005):
        return "Die beiden Zahlen sind vertauscht: Der Macro-F1 ist die kleinere."
    if not np.isclose(naive_accuracy, accuracy, atol=0.005):
        satz = f"Die Genauigkeit stimmt nicht ({naive_accuracy:.3f}). "
        if naive_accuracy == 0:
            return (
                satz + "counts.max() ist eine Anzahl; welche Klasse sie hat, sagt counts.argmax()."
            )
        return satz + "Welcher Anteil von y_test hat die häufigste Klasse?"
    if np.isclose(naive_macro_f1, macro * len(counts), atol=0.005):
        return "Das ist der F1 der einen genannten Klasse. Die anderen haben F1 = 0 und zählen mit."
    if not np.isclose(naive_macro_f1, macro, atol=0.005):
        return (
            f"{naive_macro_f1:.3f} ist nicht der Macro-F1. "
            "Bei 'micro' und 'weighted' zählen häufige Klassen mehr."
        )
    for given, train, test in zip((naive_accuracy, naive_macro_f1), im_training, (accuracy, macro)):
        if not ist(given, test):
            woher = "der Wert auf y_train" if abs(given - train) < 1e-6 else "knapp daneben"
            return f"{given:.5f} ist {woher}. Gefragt ist y_test ({len(y_test)} Tage)."


# --- Aufgabe 2 ------------------------------------------------------------------------------------


def table(features, days, name="features(days)"):
    """Die Zahlen, die features zu diesen Tagen gibt, als Feld (Tage, Spalten)."""
    answer = features(days.copy())
    if answer is None or isinstance(answer, (str, int, float)):
        raise verfehlt(answer, "eine Tabelle aus Zahlen", name)
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    try:
        numbers = np.asarray(answer, float)
    except Exception:  # noqa: BLE001 (Texte, Daten und Lücken scheitern auf viele Arten)
        columns = ""
        if isinstance(answer, pd.DataFrame):
            schuld = [str(c) for c in answer if not keine_zahlen(answer[c])]
            columns = f" ({', '.join(schuld[:3])})" if schuld else ""
        raise Diagnose(
            f"Ein Netz rechnet nur mit Zahlen: Da stehen noch Texte oder ein Datum{columns}."
        ) from None
    if numbers.ndim == 1 and len(numbers) == len(days):
        raise Diagnose(
            "Das ist eine einzige Spalte. Gesucht ist eine Tabelle: je Tag eine Zeile, darin die "
            "Messwerte, die Jahreszeit und was dir hilft."
        )
    if numbers.ndim != 2 or len(numbers) != len(days):
        raise Diagnose(
            f"Zu {len(days)} Tagen kommt die Form {numbers.shape} heraus. "
            "Gesucht ist eine Tabelle: je Tag eine Zeile."
        )
    if not np.isfinite(numbers).all():
        raise Diagnose(
            "In deiner Tabelle sind Lücken (nan) oder Unendlich: Wurde durch null geteilt?"
        )
    return numbers


def keine_zahlen(column):
    try:
        np.asarray(column, float)
        return not pd.api.types.is_datetime64_any_dtype(column)
    except Exception:  # noqa: BLE001 (ebenso)
        return False


VON_ANDEREN = (
    "Ein Tag bekommt andere Zahlen (oder gar keine), wenn andere Tage dabei sind: Steckt ein "
    "Mittelwert darin, get_dummies, der Tag davor, y_train?"
)
VON_DER_NUMMER = (
    "Gleiche Messwerte, gleiches Datum, andere Zahlen: Sie hängen an der Nummer des Tages. "
    "Liest features die Klasse mit (weather, y)? Die weiß man erst hinterher."
)
VOM_JAHR = (
    "Deine Zahlen hängen vom Jahr ab, und das nächste Jahr kennt das Netz nicht: Nimm aus dem "
    "Datum nur, was jedes Jahr wiederkommt."
)


def gleich(a, b, erlaubt=0.0):
    """Ob zwei Tabellen gleich sind, bis auf einen Teil der Streuung jeder Spalte."""
    if a.shape != b.shape:
        return False
    return bool((np.abs(a - b) <= 1e-6 + erlaubt * a.std(axis=0) + 1e-6 * np.abs(a)).all())


@tipps(
    "Welche Spalten sind schon Zahlen? Wie wird aus einem Datum eine Jahreszeit?",
    "select_dtypes('number'), dt.day_of_year; sin und cos legen Silvester neben Neujahr.",
    "angle = …; return days.select_dtypes('number').assign(sin=np.sin(angle), …)",
)
def aufgabe_2(features: funktion, *, days_train):
    """Geprüft an Tagen, die es so nicht gibt: andere Nummer, anderes Datum, andere Messwerte."""

    def anders(days, satz):
        """Wie table; geht es mit diesen Tagen nicht, obwohl es vorher ging, ist das der Grund."""
        try:
            return table(features, days)
        except Exception:  # noqa: BLE001 (jede Ausnahme sagt hier dasselbe)
            raise Diagnose(satz) from None

    def shifted(n):
        return anders(some.assign(date=some["date"] + pd.Timedelta(days=n)), VOM_JAHR)

    numbers = table(features, days_train)
    with contextlib.suppress(Exception):  # was hier abbricht, beurteilt anders(…)
        if (n := len(features(days_train.iloc[:3].copy()))) == len(days_train):
            return f"Zu drei Tagen kommen {n} Zeilen heraus: Nimm in der Funktion days, die hereinkommen."
    few, some = [40, 3, 25], days_train.iloc[:50]
    if not gleich(numbers[few], anders(days_train.iloc[few], VON_ANDEREN)):
        return VON_ANDEREN
    if not gleich(numbers[:50], anders(some.set_axis(some.index[::-1]), VON_DER_NUMMER)):
        return VON_DER_NUMMER
    if not gleich(numbers[:50], shifted(1461), erlaubt=0.1):
        return VOM_JAHR
    if gleich(numbers[:50], shifted(182)):
        return "Es fehlt die Jahreszeit aus date."
    sicher = (some["date"].dt.day <= 28).to_numpy()
    halbes_jahr = anders(some.assign(date=some["date"] + pd.DateOffset(months=6)), VOM_JAHR)
    if gleich(numbers[:50][sicher], halbes_jahr[sicher]):
        return (
            "Der wievielte Tag im Monat es ist, sagt nichts über die Jahreszeit: Am 5. Januar und am 5. Juli "
            "kommt bei dir dasselbe heraus. Gesucht ist der Monat oder der Tag im Jahr."
        )
    measured = some.select_dtypes("number")
    other = some.assign(**(measured + measured.std() + 1))
    if gleich(numbers[:50], table(features, other)):
        return "Es fehlen die Messwerte: Ob es regnet oder friert, ändert an deinen Zahlen nichts."


# --- Aufgabe 3 ------------------------------------------------------------------------------------


@tipps(
    "Wie viel muss ein seltener Tag zählen, damit alle Klassen zusammen gleich viel zählen?",
    "1 / counts gleicht ganz aus, die Wurzel davon ist vorsichtiger. enumerate zählt mit.",
    "ratio = counts.sum() / (len(counts) * counts); class_weight = dict(enumerate(…))",
)
def aufgabe_3(class_weight: woerterbuch, *, counts, class_names):
    if set(class_weight) & set(class_names):
        return f"Gesucht ist ein dict mit den Schlüsseln 0 bis {len(counts) - 1}, nicht mit Namen."
    if texte := [key for key in class_weight if isinstance(key, str)]:
        return (
            f"Die Schlüssel sind Texte ({texte[0]!r}); gesucht sind Zahlen, ohne Anführungszeichen."
        )
    if set(class_weight) != set(range(len(counts))):
        return (
            f"Deine Schlüssel sind {', '.join(map(str, class_weight))}; gesucht sind 0 bis "
            f"{len(counts) - 1}, für jede Klasse einer."
        )
    weights = {n: zahl(class_weight[n], f"class_weight[{n}]") for n in range(len(counts))}
    for number, weight in weights.items():
        if not 0 < weight < np.inf:
            return (
                f"{class_names[number]} bekommt das Gewicht {weight:g}. Gewichte sind größer als 0:"
                " Ein negatives belohnt Fehler, und mit 0 zählt die Klasse gar nicht."
            )
    for rare in np.argsort(counts):
        for frequent in np.argsort(-counts):
            if counts[frequent] > 1.5 * counts[rare] and not weights[rare] > weights[frequent]:
                satz = (
                    f"{class_names[rare]} ist selten ({counts[rare]} Tage) und bekommt "
                    f"{weights[rare]:.3g}, das häufigere {class_names[frequent]} bekommt "
                    f"{weights[frequent]:.3g}. "
                )
                if weights[rare] == weights[frequent]:
                    return satz + "So kostet ein Fehler bei beiden gleich viel."
                return satz + "Das gehört andersherum."


# --- Aufgabe 4 ------------------------------------------------------------------------------------


def probetraining(train, x, y, weights, seed):
    """Das Modell nach zwei Epochen auf diesen Tagen, und was train dabei an model.fit übergab."""
    keras.utils.set_random_seed(seed)
    try:
        with mitgelesen(2) as calls:
            model = train(x, y, weights)
    except NameError as fehler:
        if "test" not in str(fehler.name):
            raise
        raise Diagnose(
            f"{fehler.name} gibt es noch nicht: Die Testtage liegen bis zum Schluss im Umschlag. "
            "Zum Lernen ist x_train da, zum Validieren x_val."
        ) from None
    if isinstance(model, keras.callbacks.History):
        raise Diagnose("train gibt den Verlauf (History) von model.fit zurück, nicht das Modell.")
    if model is None:
        raise Diagnose("train gibt kein Modell zurück. Fehlt return?")
    model = modell(model, "train(…)")
    if not calls:
        raise Diagnose("train ruft model.fit nicht auf: Das Netz lernt nichts.")
    training = calls[0]
    for call in calls[1:]:
        training.x = np.concatenate([training.x, call.x])
        training.y = np.concatenate([training.y, call.y])
        training.epochs += call.epochs
        training.callbacks += call.callbacks
        if training.x_val is None:
            training.x_val, training.y_val = call.x_val, call.y_val
    return model, training


VON_AUSSEN = (
    "Das Netz lernt aus anderen Tagen als denen, die train bekommt: Nimm in der Funktion ihre "
    "Argumente, so wie sie in der Klammer hinter def train heißen."
)


def klassen(y):
    """Die Labels als Zahlen 0, 1, …, auch aus one-hot."""
    return np.asarray(y).argmax(axis=1) if np.ndim(y) == 2 and np.shape(y)[1] > 1 else np.ravel(y)


def tadel_der_daten(training, x, y, x_train, x_val, y_val, sealed):
    """Woher die Tage sind: Die in x sind markiert, also keinem der anderen gleich."""
    if anteil(training.x, *sealed) > 0.05:
        return "Das Netz lernt auch aus Tagen im Umschlag: Dann misst der Test nur sein Gedächtnis."
    if anteil(training.x, x_val) > 0.05:
        return (
            "Das Netz lernt auch aus Tagen der Validierung: Was es schon kennt, misst nur noch "
            "sein Gedächtnis, und die Medaille gilt nicht."
        )
    if anteil(training.x, x_train) > 0.05:
        return VON_AUSSEN
    y_fit = klassen(training.y)
    if anteil(training.x, x) < 0.05 and not np.array_equal(y_fit, y[: len(y_fit)]):
        return VON_AUSSEN
    if falsche_labels(training.x, y_fit, x, y) > 0.05:
        return "Die Labels gehören nicht zu den Tagen: Zu x_train gehört y_train, Zeile für Zeile."
    if training.x_val is None:
        return (
            "Ohne Validierung weiß Early Stopping nicht, wann Schluss ist: Es fehlt "
            "validation_split oder validation_data."
        )
    if anteil(training.x_val, *sealed) > 0.05:
        return "Validiert wird mit Tagen aus dem Umschlag: Danach ist keiner mehr unbesehen."
    if anteil(training.x_val, training.x) > 0.1 or anteil(training.x_val, x_train) > 0.05:
        return (
            "Validiert wird mit Tagen, aus denen das Netz auch lernt: Auswendiglernen sieht dort "
            "aus wie Können, und Early Stopping hält zu spät."
        )
    if len(training.x) < len(training.x_val) and anteil(training.x_val, x) > 0.5:
        return (
            f"Zum Lernen bleiben nur {len(training.x)} Tage, {len(training.x_val)} dienen der "
            "Validierung: Der Anteil ist der für die Validierung."
        )
    bekannt = np.concatenate([x, x_val]), np.concatenate([y, y_val])
    if falsche_labels(training.x_val, klassen(training.y_val), *bekannt) > 0.05:
        return "Bei der Validierung gehören die Labels nicht zu den Tagen: Zu x_val gehört y_val."
    if len(training.x_val) < 20:
        return f"Mit {len(training.x_val)} Tagen sagt die Validierung fast nichts."


def lernt_klassen(model, y, k, logits):
    """Ob der Loss richtige Antworten besser findet als falsche; y zeigt: one-hot oder Zahlen."""
    one_hot = np.ndim(y) == 2 and np.shape(y)[1] == k
    labels = np.eye(k, dtype="float32") if one_hot else np.arange(k)
    right = np.eye(k, dtype="float32") * (1 - 0.01 * k) + 0.01
    outputs = [np.log(o) if logits else o for o in (right, np.roll(right, 1, axis=1))]
    try:
        losses = [float(model.compute_loss(y=labels, y_pred=output)) for output in outputs]
    except Exception:  # noqa: BLE001 (Labels und Loss passen nicht zusammen)
        return False
    return losses[1] > losses[0] + 1e-3


def haelt_an(model, callbacks, verlauf):
    """Nach wie vielen Epochen die Callbacks anhalten, wenn die Validierung so verläuft; None: nie.

    `verlauf`: je Epoche, wie viel besser Validierung und Training sind als je zuvor, bis 1; negativ
    heißt schlechter.
    """
    callbacks = [c for c in callbacks if not hasattr(c, "log_dir") and not hasattr(c, "filepath")]
    model.stop_training = False
    with contextlib.redirect_stdout(io.StringIO()):
        for callback in callbacks:
            callback.set_model(model)
            callback.on_train_begin({})
        for epoch, (val, train) in enumerate(verlauf):
            logs = {}
            for key, values in model.history.history.items():
                better = val if key.startswith("val_") else train
                if any(word in key for word in ("loss", "error", "entropy", "mse", "mae")):
                    logs[key] = min(values) * (1 - 0.9 * better)
                else:
                    logs[key] = max(values) + better * (1 - max(values) if better > 0 else 0.9)
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs)
            if model.stop_training:
                return epoch + 1
    return None


def tadel_des_anhaltens(model, callbacks, epochs):
    up = np.linspace(0.01, 1, epochs)
    if n := haelt_an(model, callbacks, zip(up, up)):
        return (
            f"Early Stopping hält nach {n} Epochen an, obwohl die Validierung immer besser wird: "
            "Passen monitor und mode zusammen?"
        )
    up_and_down = np.concatenate([up[:5], np.linspace(0, -1, epochs)])
    if haelt_an(model, callbacks, zip(up_and_down, np.linspace(0, 1, epochs + 5))):
        return None
    if not any("Stopping" in type(c).__name__ for c in callbacks):
        return (
            "Es fehlt Early Stopping: Das Netz lernt weiter, wenn die Validierung schlechter wird."
        )
    return (
        f"Early Stopping hält nie an, auch wenn die Validierung {epochs} Epochen lang schlechter "
        "wird: Sieht es auf die Validierung (monitor), und ist patience klein genug?"
    )


@tipps(
    "Wie viele Eingänge und Ausgänge braucht das Netz, und was gehört zu model.fit?",
    "model.fit hat validation_split, callbacks und class_weight; demo_early_stopping.py.",
    "model = …; model.compile(…); model.fit(…, class_weight=class_weight); return model",
)
def aufgabe_4(
    train: funktion,
    *,
    features,
    class_weight,
    scaler,
    x_train,
    y_train,
    x_val,
    y_val,
    days,
    days_train,
    days_val,
    MAX_EPOCHS,
    SEED,
):
    """Zwei kurze Trainings auf markierten Tagen: etwas Rauschen macht sie unverwechselbar."""
    epochs, k = max(MAX_EPOCHS, GENUG_EPOCHEN), len(class_weight)
    n = min(len(x_train), 2_000)
    x = (x_train[:n] + np.random.default_rng(1).normal(0, 0.03, (n, x_train.shape[1]))).round(4)
    y = y_train[:n]
    model, training = probetraining(train, x, y, None, SEED)
    sealed = table(features, days.drop(index=[*days_train.index, *days_val.index]))
    sealed = (sealed, scaler.transform(sealed))
    if satz := tadel_der_daten(training, x, y, x_train, x_val, y_val, sealed):
        return satz
    outputs = keras.ops.convert_to_numpy(model(x_val))
    if outputs.shape != (len(x_val), k):
        return (
            f"Zu {len(x_val)} Tagen kommt {outputs.shape} heraus: Je Tag sollen es {k} "
            "Wahrscheinlichkeiten sein. Passt die letzte Schicht?"
        )
    logits = not np.allclose(outputs.sum(axis=1), 1, atol=0.01)
    if not lernt_klassen(model, training.y, k, logits):
        if logits:
            return (
                f"Je Tag sollen es {k} Wahrscheinlichkeiten sein, zusammen 1; beim ersten sind es "
                f"{outputs[0].sum():.2f}. Passt die letzte Schicht?"
            )
        return "Der Loss passt nicht zu den Labels: Es sind Klassen, geschrieben als Zahlen 0, 1, …"
    if training.epochs > epochs:
        return f"Das sind bis zu {training.epochs} Epochen; höchstens MAX_EPOCHS sollen es sein."
    if satz := tadel_des_anhaltens(model, training.callbacks, epochs):
        return satz
    weighted, _ = probetraining(train, x, y, class_weight, SEED)
    if weighted is model:
        return (
            "train gibt beide Male dasselbe Netz zurück, es lernt also mit und ohne Gewichte hintereinander: "
            "Bau es in der Funktion jedes Mal neu."
        )
    if np.allclose(outputs, keras.ops.convert_to_numpy(weighted(x_val)), atol=1e-5):
        return (
            "Mit und ohne Gewichte kommt dasselbe heraus: Das class_weight, das train bekommt, "
            "kommt bei model.fit nicht an."
        )


# --- Aufgabe 5 und 6 ------------------------------------------------------------------------------


@tipps(
    "In welcher Zeile steht der kleinste Anteil auf der Diagonale? Wo steht dort das meiste?",
    "Recall: matrix.diagonal() / matrix.sum(axis=1); argmin und argmax nennen die Nummer.",
    "row = int((matrix.diagonal() / …).argmin()); lost = class_names[row]; taken_for = …",
)
def aufgabe_5(lost: text, taken_for: text, *, matrix, class_names):
    for name in (lost, taken_for):
        if name not in class_names:
            return f"{name!r} ist keine Klasse. Gesucht sind zwei Namen aus {class_names}."
    recall = dict(zip(class_names, matrix.diagonal() / matrix.sum(axis=1)))
    if recall[lost] > min(recall.values()) == recall[taken_for]:
        return "lost und taken_for sind vertauscht: Erst die Klasse, die untergeht."
    if recall[lost] > min(recall.values()):
        return (
            f"Von {lost} wird ein Anteil von {recall[lost]:.2f} gefunden, eine andere Klasse hat "
            "weniger. Teile die Diagonale durch die Summe ihrer Zeile."
        )
    if lost == taken_for:
        return f"Dass {lost} für {lost} gehalten wird, ist richtig. Gesucht ist die Verwechslung."
    row = matrix[class_names.index(lost)].copy()
    row[class_names.index(lost)] = 0
    if row[class_names.index(taken_for)] < row.max():
        return (
            f"Für {taken_for} wird {lost} nicht am häufigsten gehalten. Suche in der Zeile {lost} "
            "neben der Diagonale; jede Spalte ist eine Vorhersage."
        )


@tipps(
    "Was weißt du über das Wetter, das noch keine Spalte sagt? Sind die Gewichte zu stark?",
    "Eigene Spalten (np.log1p, Differenzen), Wurzel der Gewichte, Dropout, mehr Geduld.",
    "span=days['temp_max'] - days['temp_min'], …; class_weight = dict(enumerate(np.sqrt(…)))",
)
def aufgabe_6(goal: text, *, macro_f1, thresholds):
    if goal.lower() not in thresholds:
        return f"goal soll eines von {list(thresholds)} sein."
    if macro_f1["mit"] < thresholds[goal.lower()]:
        return (
            f"Für {goal} braucht es {thresholds[goal.lower()]}, dein Netz hat auf der Validierung "
            f"{macro_f1['mit']:.3f} (ohne Gewichte {macro_f1['ohne']:.3f})."
        )
