/** Examples of a policy under trial: what each comes to, which rules decide it, and which rules decide none. */
import { useState } from "react"
import type { Reason } from "../../share/entitlement/ruling.ts"
import { useAnswer } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Badge, Table } from "../kit/table.tsx"
import { Reasons } from "./reasons.tsx"

interface Tried {
    readonly line: number
    readonly said: string
    readonly found: string
    readonly holds: boolean
    readonly rules: readonly string[]
    readonly why: readonly Reason[]
}

interface TrialAnswer {
    readonly examples: readonly Tried[]
    readonly untried: readonly string[]
}

interface Texts {
    readonly text: string
    readonly examples: string
}

/** Of a version that is being written: tried when it is asked for, as it stands then. */
export function TryExamples({ text, examples }: Texts) {
    const [asked, setAsked] = useState<Texts | null>(null)
    const isOld = asked !== null && (asked.text !== text || asked.examples !== examples)
    return (
        <>
            <span className="row">
                <Button onPress={() => setAsked({ text, examples })}>Try the examples</Button>
                {isOld && <span className="muted">What stands below is of an earlier text.</span>}
            </span>
            {asked !== null && <TrialOf {...asked} />}
        </>
    )
}

export function TrialOf(texts: Texts) {
    const trial = useAnswer<TrialAnswer>("/api/policies/test", texts)
    return (
        <Loaded of={trial}>
            {({ examples, untried }) => (
                <>
                    {untried.length > 0 && (
                        <Notice tone="due">
                            <span>
                                No example is decided by{" "}
                                {untried.map((id) => (
                                    <code key={id} className="code">
                                        {id}{" "}
                                    </code>
                                ))}
                                : write one for each rule.
                            </span>
                        </Notice>
                    )}
                    {examples.length === 0 ? <Empty title="There are no examples." /> : <TriedTable of={examples} />}
                </>
            )}
        </Loaded>
    )
}

function TriedTable({ of }: { of: readonly Tried[] }) {
    return (
        <Table
            tall
            caption="The examples, and which rules decide each"
            rows={of}
            keyOf={(one) => String(one.line)}
            columns={[
                { name: "Line", cell: (one) => one.line, end: true },
                { name: "Example", cell: (one) => <code className="code">{one.said}</code> },
                { name: "It comes to", cell: (one) => <Found of={one} /> },
                { name: "Decided by", cell: (one) => <DecidedBy of={one} /> },
                { name: "Why", cell: (one) => <WhySo of={one} />, end: true },
            ]}
        />
    )
}

function Found({ of }: { of: Tried }) {
    return (
        <span className="row">
            {!of.holds && <Badge tone="bad">otherwise</Badge>}
            {of.found}
        </span>
    )
}

function DecidedBy({ of }: { of: Tried }) {
    if (of.rules.length === 0) return <span className="muted">no rule</span>
    return of.rules.map((id) => (
        <code key={id} className="code block">
            {id}
        </code>
    ))
}

function WhySo({ of }: { of: Tried }) {
    return (
        <Opens
            button={
                <>
                    Why… <span className="unseen">line {of.line}</span>
                </>
            }
            title={`Why line ${of.line} is so`}
            look="quiet"
        >
            {() => <Reasons of={of.why} />}
        </Opens>
    )
}
