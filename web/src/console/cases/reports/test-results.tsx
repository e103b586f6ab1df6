/** The results of an artifact: testers' verdicts, recalls, holders, and late release. */
import { isTestable } from "../../../../../server/src/share/delivery/test-result.ts"
import { useRead, writeTo } from "../../api.ts"
import { Opens } from "../../../kit/dialog.tsx"
import { Do } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import { verdictWords } from "../../../kit/text.ts"
import type { Artifact, TestersResult } from "../../answers.ts"
import { Recalls } from "../../release/recalls.tsx"
import { useCan, useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

export function BecameDialog({ artifact }: { artifact: Artifact }) {
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
                        <ResultsTable testersResults={results} current={artifact.version} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function ResultsTable({ testersResults, current }: { testersResults: readonly TestersResult[]; current: number }) {
    const names = useNames()
    return (
        <Table
            caption={t("Results of testers, the newest first")}
            rows={testersResults}
            keyOf={(testersResult) => `${testersResult.partner} ${testersResult.version}`}
            columns={[
                {
                    name: t("Version"),
                    cell: ({ version }) =>
                        version === current ? version : t("{version}, not the newest", { version }),
                },
                {
                    name: t("Result"),
                    cell: ({ verdict }) => (
                        <Badge tone={verdictWords[verdict].tone}>{verdictWords[verdict].name}</Badge>
                    ),
                },
                { name: t("Hits"), cell: ({ hits }) => hits ?? t("not counted"), end: true },
                {
                    name: t("False positives"),
                    cell: ({ falsePositives }) => falsePositives ?? t("not counted"),
                    end: true,
                },
                { name: t("How tested"), cell: (testersResult) => <Environment testersResult={testersResult} /> },
                {
                    name: t("By"),
                    cell: ({ partner, name, at }) => (
                        <span className="stack">
                            <strong>{names.partner(partner)}</strong>
                            <span className="muted">
                                {name}, <When at={at} short />
                            </span>
                        </span>
                    ),
                },
            ]}
        />
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
