"""Reports and outcomes made by hand, for the tests of the store and what is built on it."""

from datetime import date

from notecheck.batch.outcomes import Checked
from notecheck.batch.plan import Plan
from notecheck.models import ClaimFinding, CodeFinding, CoverageFinding, ElementFinding, Evidence, Note, NoteReport, Status, Why

ELEMENTS = ("pain.severity", "function.sleep")
PLAN = Plan("export.csv", "spine-visit", "1.0", "spine", "2.0", "hash", {"jobs": 2})
TODAY = date(2026, 3, 4)
TEXT = "Dull ache “for years”, worse at night; 6/10. Sleeps badly."


def note(note_id: str, provider: str | None = "Okafor", text: str = TEXT, **more: object) -> Note:
    return Note.model_validate({"note_id": note_id, "text": text, "provider": provider, "codes": ("M54.5",), **more})


def report(note_id: str, sleep: Status = "documented", verdict: str = "not_valid_on_date", scope: bool = True) -> NoteReport:
    if not scope:
        return NoteReport(note_id=note_id, in_scope=False, doc_type="other", profile="spine-visit", warnings=("Out of scope.",))
    words = Evidence(text="Sleeps badly", start=45, end=57, section="hpi")
    return NoteReport.model_validate(
        {
            "note_id": note_id,
            "in_scope": True,
            "doc_type": "visit",
            "profile": "spine-visit",
            "service_date": date(2025, 11, 25),
            "elements": {
                "pain.severity": ElementFinding(status="documented", value={"scores": [6], "text": "6/10"}),
                "function.sleep": ElementFinding(
                    status=sleep,
                    evidence=(words,) if sleep != "missing" else (),
                    why=(Why(rule="sleep.poor", assertion="present", cue="badly", section="hpi"),) if sleep != "missing" else (),
                ),
            },
            "required": ELEMENTS,
            "missing": ("function.sleep",) if sleep == "missing" else (),
            "partial": ("function.sleep",) if sleep == "partial" else (),
            "completeness": 1.0 if sleep in ("documented", "denied") else 0.5,
            "codes": (
                CodeFinding(code="M54.50", description="Low back pain", support="supported", reason="It is named.", evidence=(words,)),
                CodeFinding(code="M54.16", description="Radiculopathy", support="needs_documentation", reason="No root."),
            ),
            "claim": (ClaimFinding(code="M54.5", verdict=verdict, reason="It ended.", use_instead=("M54.50",)),),  # type: ignore[arg-type]
            "unbilled": ("M54.50",),
            "coverage": (
                CoverageFinding(
                    policy="esi",
                    id="esi.relief",
                    criterion="Relief",
                    source="lcd",
                    in_force_from=date(2022, 6, 19),
                    met="no",
                    reason="30, at least 50 is asked for.",
                    evidence=(words,),
                ),
                CoverageFinding(policy="esi", id="esi.weeks", criterion="Weeks", source="lcd", met="yes", reason="Told."),
            ),
        }
    )


def checked(note_id: str, provider: str | None = "Okafor", **finding: object) -> Checked:
    return Checked(note(note_id, provider), report(note_id, **finding).model_dump_json())  # type: ignore[arg-type]
