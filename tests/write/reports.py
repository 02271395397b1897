"""Reports made by hand, for the tests of the writers."""

from datetime import date

from notecheck.models import (
    ClaimFinding,
    CodeFinding,
    CoverageFinding,
    ElementFinding,
    Evidence,
    Note,
    NoteReport,
    Query,
    Why,
)

TEXT = "CC: back pain\r\n[x] sharp  [ ] dull\r\nSevere today. No fever.\r\n"


def quoted(words: str, section: str = "hpi") -> Evidence:
    start = TEXT.index(words)
    return Evidence(text=words, start=start, end=start + len(words), section=section)


def note() -> Note:
    return Note(note_id="=visit-1", text=TEXT, provider="@Okafor", codes=("M54.5",))


def report() -> NoteReport:
    why = Why(rule="quality.word", assertion="present", cue="[x]", section="hpi")
    return NoteReport(
        note_id="=visit-1",
        in_scope=True,
        doc_type="visit",
        profile="spine-visit",
        service_date=date(2025, 11, 25),
        elements={
            "pain.location": ElementFinding(
                status="documented", value={"regions": ["lumbar"], "side": None}, evidence=(quoted("back pain"),)
            ),
            "pain.quality": ElementFinding(status="documented", value={"words": ["sharp"]}, evidence=(quoted("[x] sharp"),), why=(why,)),
            "pain.severity": ElementFinding(status="partial", evidence=(quoted("Severe"),)),
            "red_flag.constitutional": ElementFinding(status="denied", evidence=(quoted("No fever"),)),
            "function.sleep": ElementFinding(status="missing"),
            "imaging.study": ElementFinding(status="missing"),
            "treatment.injection_relief": ElementFinding(status="not_applicable"),
        },
        required=("pain.location", "pain.quality", "pain.severity", "red_flag.constitutional", "function.sleep"),
        missing=("function.sleep",),
        partial=("pain.severity",),
        completeness=0.6,
        codes=(
            CodeFinding(
                code="M54.50", description="Low back pain", support="supported", reason="It is named.", evidence=(quoted("back pain"),)
            ),
            CodeFinding(
                code="M54.16",
                description="Radiculopathy",
                support="needs_documentation",
                reason="No root is named.",
                more_specific=("M51.16",),
            ),
        ),
        claim=(
            ClaimFinding(code="M54.5", verdict="not_valid_on_date", reason="It ended on 2021-09-30.", use_instead=("M54.50", "M54.59")),
        ),
        coverage=(
            CoverageFinding(
                policy="esi-repeat",
                id="esi.relief",
                source="lcd-esi",
                criterion="Relief of at least half",
                met="not_documented",
                reason="No percent.",
            ),
        ),
        queries=(Query(element="function.sleep", text="Please document how the pain affects sleep.\n[ ] other"),),
        warnings=("The service date was read from the note.",),
    )
