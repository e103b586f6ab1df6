/** The results of an artifact: testers' verdicts, recalls, holders, and late release. */
import { isTestable } from "../../../../../server/src/share/delivery/test-result.ts"
import { useRead, writeTo } from "../../api.ts"
import { Opens } from "../../../kit/dialog.tsx"
import { Do } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge, PagedTable, Section } from "../../../kit/table.tsx"
import { verdictWords } from "../../../kit/text.ts"
import type { Artifact, TestersResult } from "../../answers.ts"
import { Recalls } from "../../release/recalls.tsx"
import { useCan, useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import type { ArtifactResult } from "./reports-reads.ts"
import { rich, t } from "../../../messages/message.ts"

export function ResultsDialog({ artifact }: { artifact: Artifact }) {
    return (
        <Opens
            button={
                <>
                    {rich("View results… <unseen>of {name}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        name: artifact.name,
                    })}
                </>
            }
            title={t("Results of {name}", { name: artifact.name })}
            wide
        >
            {() => (
                <>
                    {isTestable(artifact.class) && <Results artifact={artifact} />}
                    <Recalls artifact={artifact} />
                    <Late artifact={artifact} />
                </>
            )}
        </Opens>
    )
}

/** Shows the results of early testers next to the rule. */
export function Results({ artifact }: { artifact: Artifact }) {
    const may = useCan()("test_result:read")
    const results = useRead(may ? `/api/artifacts/${artifact.id}/test-results` : null)
    if (!may) return null
    return (
        <Section title={t("Test results")}>
            <Loaded query={results}>
                {({ results }) =>
                    results.length === 0 ? (
                        <Empty title={t("No test results yet.")} />
                    ) : (
                        <ResultsTable rows={results.map((result) => ({ artifact, result }))} />
                    )
                }
            </Loaded>
        </Section>
    )
}

interface ResultsTableProps {
    rows: readonly ArtifactResult[]
    /** Names the artifact of each row. */
    hasArtifact?: boolean
}

export function ResultsTable({ rows, hasArtifact = false }: ResultsTableProps) {
    return (
        <PagedTable
            caption={t("Results of testers, the newest first")}
            rows={rows}
            keyOf={({ artifact, result }) => `${artifact.id} ${result.partner} ${result.version}`}
            columns={[
                ...(hasArtifact
                    ? [
                          {
                              name: t("Artifact"),
                              cell: ({ artifact }: ArtifactResult) => <strong>{artifact.name}</strong>,
                          },
                      ]
                    : []),
                {
                    name: t("Version"),
                    cell: ({ artifact, result: { version } }) =>
                        version === artifact.version ? version : t("{version}, not the newest", { version }),
                },
                {
                    name: t("Result"),
                    cell: ({ result: { verdict } }) => (
                        <Badge tone={verdictWords[verdict].tone}>{verdictWords[verdict].name}</Badge>
                    ),
                },
                { name: t("Hits"), cell: ({ result: { hits } }) => hits ?? t("not counted"), end: true },
                {
                    name: t("False positives"),
                    cell: ({ result: { falsePositives } }) => falsePositives ?? t("not counted"),
                    end: true,
                },
                { name: t("How tested"), cell: ({ result }) => <Environment testersResult={result} /> },
                { name: t("By"), cell: ({ result }) => <Tester testersResult={result} /> },
            ]}
        />
    )
}

function Tester({ testersResult: { partner, name, at } }: { testersResult: TestersResult }) {
    const names = useNames()
    return (
        <span className="stack">
            <strong>{names.partner(partner)}</strong>
            <span className="muted">
                {name}, <When at={at} short />
            </span>
        </span>
    )
}

function Environment({ testersResult: { environment, earlier } }: { testersResult: TestersResult }) {
    return (
        <span className="stack">
            <span>{environment}</span>
            {earlier.map((item) => (
                <span key={item.at} className="muted">
                    {rich("corrects “{verdict}” of {when}", {
                        verdict: verdictWords[item.verdict].name,
                        when: <When at={item.at} short />,
                    })}
                </span>
            ))}
        </span>
    )
}

/** Shows versions that were added or reinstated after a wave was released. */
function Late({ artifact }: { artifact: Artifact }) {
    return (
        <Section title={t("For released waves")}>
            <p className="muted">
                {t(
                    "A version that was written after a wave, or recalled at that time, reaches its partners at publication, or earlier with a second signature. It replaces the version that they have.",
                )}
            </p>
            <div className="row end">
                <Do
                    disabledReason={useWhyNot()("wave:write")}
                    write={writeTo("POST", `/api/artifacts/${artifact.id}/release-late`, {})}
                >
                    {t("Request release of version {version}", { version: artifact.version })}
                </Do>
            </div>
        </Section>
    )
}
