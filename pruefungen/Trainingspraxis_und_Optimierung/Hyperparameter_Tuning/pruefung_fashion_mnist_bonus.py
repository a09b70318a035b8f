"""Die Prüfung zu uebung_fashion_mnist_bonus.py: je Aufgabe die Diagnosen und drei Tipps."""

from kurs.uebungen import Diagnose, ein, funktion, modell, tipps, woerterbuch, zahl

import keras
import numpy as np
import optuna
from keras.optimizers import schedules

RANGES = {"learning_rate": (0.0001, 0.1), "filters": (8, 32), "dropout": (0.0, 0.5)}


# Stück der Meldung von Optuna → was es hier heißt
GRENZEN = {
    "low <= high": "Die Grenzen sind vertauscht: erst die untere, dann die obere.",
    "low > 0": "log=True geht nur mit Grenzen über 0. dropout beginnt bei 0 und wird gleichmäßig gezogen.",
}


def vorschlag(suggest, trial):
    try:
        return woerterbuch(suggest(trial), "suggest(trial)")
    except ValueError as fehler:
        for stueck, satz in GRENZEN.items():
            if stueck in str(fehler):
                raise Diagnose(satz) from None
        raise


def grenzen(distribution):
    """Kleinster und größter Wert, den ein trial vorschlagen kann."""
    choices = getattr(distribution, "choices", None)
    if choices is None:
        return distribution.low, distribution.high
    return min(choices), max(choices)


@tipps(
    "Welche Methoden hat ein trial, um eine Kommazahl oder eine ganze Zahl vorzuschlagen?",
    "trial.suggest_float(name, von, bis, log=…) und trial.suggest_int(name, von, bis).",
    "def suggest(trial):\n"
    '    return {"learning_rate": trial.suggest_float("learning_rate", …, …, log=…), …}',
)
def aufgabe_1(suggest: funktion):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=7))
    for _ in range(3):  # drei Vorschläge zur Probe, ohne Training
        trial = study.ask()
        proposal = vorschlag(suggest, trial)
        known = trial.distributions
        if not known:
            return (
                "Dein Code fragt den trial nicht. Feste oder selbst gewürfelte Werte kann die Suche nicht "
                "verbessern: Vorschläge macht trial.suggest_…."
            )
        if set(proposal) != set(RANGES) or set(known) != set(RANGES):
            return (
                f"Gesucht sind {', '.join(RANGES)}, im dict und im trial unter demselben Namen. "
                f"Dein dict hat {', '.join(map(str, proposal)) or 'nichts'}, "
                f"dein trial kennt {', '.join(known) or 'nichts'}."
            )
        for name, value in proposal.items():
            if not np.isclose(zahl(value, name), trial.params[name]):
                return (
                    f"In deinem dict ist {name} {value:.3g}, der trial merkt sich aber "
                    f"{trial.params[name]:.3g}: Nur was er vorschlägt, steht nachher in best_params."
                )
    if not getattr(known["learning_rate"], "log", True):
        return (
            "Die Lernrate wird gleichmäßig gezogen: Neun von zehn Versuchen lägen über 0.01. "
            "Größenordnungen sucht man logarithmisch."
        )
    if isinstance(known["filters"], optuna.distributions.FloatDistribution):
        return "Eine Zahl von Filtern ist ganz: Es gibt für ganze Zahlen ein eigenes suggest_…."
    for name, wanted in RANGES.items():
        if not np.allclose(grenzen(known[name]), wanted, rtol=1e-6, atol=1e-9):
            low, high = grenzen(known[name])
            return (
                f"Die Grenzen stimmen nicht: {name} geht bei dir von {low} bis {high}, "
                f"gesucht ist {wanted[0]} bis {wanted[1]}."
            )


@tipps(
    "Ist eine hohe Genauigkeit gut oder schlecht, und woher weiß Optuna das?",
    "create_study hat die Argumente direction und sampler (TPESampler(seed=SEED): wiederholbar).",
    "study = optuna.create_study(direction=…, sampler=optuna.samplers.TPESampler(seed=SEED))",
)
def aufgabe_2(study: ein(optuna.Study, "eine Studie, also optuna.create_study(…),")):
    if len(study.directions) > 1:
        return f"Diese Studie hat {len(study.directions)} Ziele; score gibt nur eine Zahl zurück."
    if study.direction != optuna.study.StudyDirection.MAXIMIZE:
        return "Diese Studie sucht die KLEINSTE Genauigkeit: Ohne Angabe minimiert Optuna."


def rate(schedule, step):
    return float(keras.ops.convert_to_numpy(schedule(step)))


@tipps(
    "Wie viele Schritte bleiben nach dem Warm-up?",
    "schedules.CosineDecay mit initial_learning_rate, decay_steps, warmup_target, warmup_steps.",
    "schedule = schedules.CosineDecay(0.0, FINAL_STEPS - …, warmup_target=…, warmup_steps=…)",
)
def aufgabe_3(
    schedule: ein(
        schedules.LearningRateSchedule, "ein Schedule aus keras.optimizers.schedules, keine Zahl,"
    ),
    *,
    FINAL_STEPS,
    best,
):
    warmup_steps, peak = FINAL_STEPS // 10, best["learning_rate"]  # eine Antwort kann sie ändern
    if isinstance(start := getattr(schedule, "initial_learning_rate", 0.0), int):
        return (
            f"initial_learning_rate ist die ganze Zahl {start}: Keras rechnet dann alle Raten in ganzen "
            f"Zahlen, und übrig bleibt 0. Schreibe {start}.0."
        )
    if rate(schedule, 0) > 0.05 * peak:
        return (
            f"In Schritt 0 ist die Rate schon {rate(schedule, 0):.2g}. Warm-up beginnt bei 0 (oder kurz "
            "darüber), das ist das erste Argument, und dauert warmup_steps Schritte."
        )
    middle = rate(schedule, FINAL_STEPS // 2)
    if middle < 0.01 * peak:
        return (
            f"Nach der Hälfte ist die Rate schon {middle:.2g}. Ein Schedule zählt Schritte, "
            f"nicht Epochen: Es sind {FINAL_STEPS}."
        )
    if abs(rate(schedule, warmup_steps) - peak) > 0.05 * peak:
        return (
            f"Nach dem Warm-up soll die Rate {peak:.2g} sein, sie ist "
            f"{rate(schedule, warmup_steps):.2g}."
        )
    end = rate(schedule, FINAL_STEPS)
    if end > 0.001 * peak and np.isclose(end, rate(schedule, 10 * FINAL_STEPS), rtol=0.01):
        return f"Am Ende bleibt die Rate bei {end:.2g} stehen, statt auf 0 zu fallen (alpha)."
    if end > 0.001 * peak:
        return (
            f"Am Ende ist die Rate noch {end:.2g}: decay_steps zählt erst ab dem Ende des Warm-ups."
        )
    rest = FINAL_STEPS - warmup_steps
    for step in np.linspace(warmup_steps, FINAL_STEPS, 9).astype(int)[1:-1]:
        wanted = peak * 0.5 * (1 + np.cos(np.pi * (step - warmup_steps) / rest))
        if abs(rate(schedule, int(step)) - wanted) > 0.06 * peak:
            return (
                f"In Schritt {step} ist die Rate {rate(schedule, int(step)):.2g}, im Kosinus wäre sie "
                f"{wanted:.2g}: Anfang und Ende stimmen, der Weg dazwischen nicht."
            )


@tipps(
    "Welche drei Argumente von train kommen aus der Suche und aus Aufgabe 3, "
    "welche sind schon voreingestellt?",
    'best ist ein dict: best["filters"], best["dropout"]. x, y und epochs sind voreingestellt.',
    "final_model = train(filters=best[…], dropout=best[…], learning_rate=…)",
)
def aufgabe_4(
    final_model: modell,
    *,
    schedule,
    best,
    FINAL_STEPS,
    GOAL,
    accuracy,
    train,
    x_valid,
    y_valid,
):
    optimizer = final_model.optimizer
    if optimizer is None:
        return "Dieses Modell hat noch nicht gelernt. Gesucht ist, was train(…) zurückgibt."
    used = optimizer._learning_rate  # der Schedule selbst; learning_rate wäre nur sein letzter Wert
    if not isinstance(used, schedules.LearningRateSchedule):
        return (
            "Dieses Modell hat mit einer festen Rate gelernt. train nimmt für learning_rate auch "
            "einen Schedule."
        )
    steps = np.linspace(0, FINAL_STEPS, 7).astype(int).tolist()
    if not np.allclose([rate(used, n) for n in steps], [rate(schedule, n) for n in steps]):
        return "Dieses Modell hat mit einem anderen Schedule gelernt als dem aus Aufgabe 3."
    iterations = int(optimizer.iterations)
    if iterations != FINAL_STEPS:
        return (
            f"Dieses Modell hat {iterations} Schritte gemacht, nicht {FINAL_STEPS}: "
            "Es hat nicht alle Bilder oder nicht alle Epochen gesehen"
            + (", oder auch andere Bilder als x_full." if iterations > FINAL_STEPS else ".")
        )
    layers = final_model._flatten_layers(include_self=False)
    parts = [
        layer for layer in layers if isinstance(layer, (keras.layers.Conv2D, keras.layers.Dropout))
    ]
    filters = next((part.filters for part in parts if hasattr(part, "filters")), 0)
    dropout = next((part.rate for part in parts if hasattr(part, "rate")), 0.0)
    if filters != best["filters"] or not np.isclose(dropout, best["dropout"], atol=1e-6):
        return (
            f"filters = {filters} und dropout = {dropout:.2f} sind nicht die aus der Suche; "
            "sie stehen in best."
        )
    reached = accuracy(final_model, x_valid, y_valid)
    wanted = train(filters=filters, dropout=dropout, learning_rate=schedule)  # ist meist gemerkt
    answers = [m.predict(x_valid, verbose=0).argmax(axis=1) for m in (final_model, wanted)]
    if np.mean(answers[0] == answers[1]) < 0.8:
        return (
            "train lernt mit x_full und y_full etwas anderes als dein Modell: Hat es andere Bilder oder "
            "Labels gesehen?"
        )
    if reached < GOAL:
        return (
            f"{reached:.3f} auf der Validierung ist noch unter {GOAL}. Dreh an der Suche: "
            "mehr Versuche (N_TRIALS), mehr Bilder (N_SEARCH)."
        )


@tipps(
    "Welche zwei Zahlen wurden beide auf x_test gemessen?",
    "final_accuracy und baseline_accuracy.",
    "gain = final_accuracy - …",
)
def aufgabe_5(
    gain: zahl,
    *,
    final_model,
    baseline,
    final_accuracy,
    baseline_accuracy,
    accuracy,
    x_valid,
    y_valid,
    __kurs_lauf__,
):
    honest = final_accuracy - baseline_accuracy
    if abs(gain - honest) < 0.00051:
        return None
    valid = [accuracy(final_model, x_valid, y_valid), accuracy(baseline, x_valid, y_valid)]
    study = __kurs_lauf__.namensraum["study"]  # ohne Aufgabe 2 gibt es sie nicht
    if isinstance(study, optuna.Study) and study.trials:
        valid.append(study.best_value)
    if any(np.isclose(gain, a - b) for a in valid for b in (valid[1], baseline_accuracy)):
        return "Da steckt die Validierung drin, mit der ausgewählt wurde. Ehrlich ist nur der Test."
    if np.isclose(gain, -honest):
        return "Das Vorzeichen ist verkehrt: Gewinn heißt fertig minus vorher."
    if np.isclose(gain, 100 * honest, atol=0.051):
        return (
            "Das sind Prozentpunkte. Gesucht ist der Unterschied, so wie accuracy misst (0 bis 1)."
        )
    if np.isclose(gain, final_accuracy) or np.isclose(gain, baseline_accuracy):
        return "Das ist eine der beiden Genauigkeiten; gefragt ist ihr Unterschied."
    ratios = (
        honest / baseline_accuracy,
        honest / final_accuracy,
        final_accuracy / baseline_accuracy,
    )
    if np.isclose(gain, ratios).any():
        return "Das ist der Gewinn im Verhältnis. Gesucht ist nur der Unterschied, ohne zu teilen."
    return (
        "Das passt nicht. Verglichen werden final_model und baseline, beide auf x_test und y_test."
    )
