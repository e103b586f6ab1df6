/** A tester's verdict about an artifact that it holds: visible to its author, and to no other partner. */
import { environmentMax, verdicts } from "@tocsin/client/limits"
import { countMax, isTestable } from "../../../../server/src/share/delivery/test-result.ts"
import { useRead, writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { verdictWords } from "../../kit/text.ts"
import { partName, type TestResult, type Part, type Warning } from "../answers.ts"
import { useWhyNot } from "../viewer.ts"

/** Shows a warning's test results; nothing if the viewer's partner is no tester or there is nothing to test. */
export function ResultsSection({ warning }: { warning: Warning }) {
    const answer = useRead("/api/test-results").data
    const parts = warning.artifacts.filter((part) => isTestable(part.class) && part.available)
    if (!answer?.tester || parts.length === 0) return null
    const lastOf = (part: Part) => answer.results.find((ownResult) => ownResult.artifact === part.id)
    return (
        <Section title="Test results">
            <Table
                caption="Your test results"
                rows={parts}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: "Artifact",
                        cell: (part) => (
                            <>
                                <strong>{partName(part)}</strong> <span className="muted">{part.class}</span>
                            </>
                        ),
                    },
                    { name: "Your verdict", cell: (part) => <Last ownResult={lastOf(part)} /> },
                    { name: "Report", cell: (part) => <Report part={part} last={lastOf(part)} />, end: true },
                ]}
            />
        </Section>
    )
}

function Last({ ownResult }: { ownResult: TestResult | undefined }) {
    if (ownResult === undefined) return <span className="muted">none yet</span>
    return (
        <span className="row">
            <Badge tone={verdictWords[ownResult.verdict].tone}>{verdictWords[ownResult.verdict].name}</Badge>
            <span className="muted">
                version {ownResult.version}, <When at={ownResult.at} short />
            </span>
        </span>
    )
}

const isCount = (value: string): string | null =>
    value.trim() === "" || (/^\s*\d{1,10}\s*$/.test(value) && Number(value) <= countMax)
        ? null
        : `a whole number up to ${countMax}`
const countIn = (value = ""): number | null => (value.trim() === "" ? null : Number(value))

function Report({ part, last }: { part: Part; last: TestResult | undefined }) {
    const whyNot = useWhyNot()
    const held = part.holds.map(({ version }) => String(version)).toReversed()
    const isAgain = last !== undefined && String(last.version) === held[0]
    const count = { kind: "number" as const, optional: true, check: isCount, hint: "Leave empty if you did not count." }
    return (
        <FormDialog
            button={
                <>
                    {isAgain ? "Correct…" : "Report…"} <span className="unseen">the result of {partName(part)}</span>
                </>
            }
            title={`Test result of ${partName(part)}`}
            submit="Report result"
            disabledReason={held.length === 0 ? "fetch the copy first" : whyNot("test_result:own")}
            requests={[
                {
                    name: "version",
                    label: "Version",
                    kind: "choice",
                    from: held.map((value) => ({ value, name: value })),
                },
                {
                    name: "verdict",
                    label: "Verdict",
                    kind: "choice",
                    from: verdicts.map((value) => ({ value, name: verdictWords[value].name })),
                },
                { name: "hits", label: "Hits", ...count },
                { name: "falsePositives", label: "False positives", ...count },
                {
                    name: "environment",
                    label: "How you tested",
                    kind: "text",
                    optional: true,
                    length: { min: 0, max: environmentMax },
                },
            ]}
            write={({ version, verdict, hits, falsePositives, environment }) =>
                writeTo("POST", `/api/artifacts/${part.id}/test-results`, {
                    version: Number(version),
                    verdict,
                    environment,
                    hits: countIn(hits),
                    falsePositives: countIn(falsePositives),
                })
            }
        >
            <p className="muted">
                The authors see the result with your name. Other partners do not. A newer result for the same version
                replaces the earlier one.
            </p>
        </FormDialog>
    )
}
