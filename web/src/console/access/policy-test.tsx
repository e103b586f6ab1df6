/** Shows the results of a policy test: the outcome of each example, the rules that decide it, and unused rules. */
import { Fragment, useState } from "react"
import { useAnswer, type AnswerTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import { Reasons } from "./reasons.tsx"
import { rich, t } from "../../messages/message.ts"

type Tried = TrialAnswer["examples"][number]

type TrialAnswer = AnswerTo<"/api/policies/test", "POST">

interface Texts {
    readonly text: string
    readonly examples: string
}

/** Tests a draft version on request, with its current text. */
export function RunExamples({ text, examples }: Texts) {
    const [texts, setAsked] = useState<Texts | null>(null)
    const isOld = texts !== null && (texts.text !== text || texts.examples !== examples)
    return (
        <>
            <span className="row">
                <Button onPress={() => setAsked({ text, examples })}>{t("Run the examples")}</Button>
                {isOld && <span className="muted">{t("These results are of an earlier text.")}</span>}
            </span>
            {texts !== null && <TestResults {...texts} />}
        </>
    )
}

export function TestResults(texts: Texts) {
    const trial = useAnswer("/api/policies/test", texts)
    return (
        <Loaded query={trial}>
            {({ examples, untestedRules: untried }) => (
                <>
                    {untried.length > 0 && (
                        <Notice tone="due">
                            <span>
                                {rich("No example tests {rules}. Write one for each rule.", {
                                    rules: untried.map((id, n) => (
                                        <Fragment key={id}>
                                            {n > 0 && " "}
                                            <code className="code">{id}</code>
                                        </Fragment>
                                    )),
                                })}
                            </span>
                        </Notice>
                    )}
                    {examples.length === 0 ? <Empty title={t("No examples yet.")} /> : <TriedTable tried={examples} />}
                </>
            )}
        </Loaded>
    )
}

function TriedTable({ tried }: { tried: readonly Tried[] }) {
    return (
        <Table
            tall
            caption={t("Results of the examples")}
            rows={tried}
            keyOf={(tried) => String(tried.line)}
            columns={[
                { name: t("Line"), cell: (tried) => tried.line, end: true },
                { name: t("Example"), cell: (tried) => <code className="code">{tried.text}</code> },
                { name: t("Result"), cell: (tried) => <Found tried={tried} /> },
                { name: t("Decided by"), cell: (tried) => <DecidedBy tried={tried} /> },
                { name: t("Why"), cell: (tried) => <WhyDialog tried={tried} />, end: true },
            ]}
        />
    )
}

function Found({ tried }: { tried: Tried }) {
    return (
        <span className="row">
            {!tried.passes && <Badge tone="bad">{t("fails")}</Badge>}
            {tried.outcome}
        </span>
    )
}

function DecidedBy({ tried }: { tried: Tried }) {
    if (tried.rules.length === 0) return <span className="muted">{t("no rule")}</span>
    return tried.rules.map((id) => (
        <code key={id} className="code block">
            {id}
        </code>
    ))
}

function WhyDialog({ tried }: { tried: Tried }) {
    return (
        <Opens
            button={
                <>
                    {rich("Why… <unseen>line {line}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        line: tried.line,
                    })}
                </>
            }
            title={t("Reasons for line {line}", { line: tried.line })}
            look="quiet"
        >
            {() => <Reasons reason={tried.reasons} />}
        </Opens>
    )
}
