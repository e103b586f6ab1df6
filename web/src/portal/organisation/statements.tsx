/** A partner's past attestations and reports, each as submitted. */
import type { ReactNode } from "react"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Statement } from "../answers.ts"
import { dueTitles } from "./requirement-text.ts"
import { useNameOf } from "../viewer.ts"

export function Given({ statements }: { statements: readonly Statement[] }) {
    const nameOf = useNameOf()
    return (
        <Section title="What was given">
            {statements.length === 0 ? (
                <Empty title="Nothing was given yet.">Attestations and reports stand here, the newest first.</Empty>
            ) : (
                <Table
                    caption="Attestations and reports"
                    rows={statements}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: "What", cell: ({ kind }) => dueTitles[kind] },
                        { name: "Given", cell: ({ at }) => <When at={at} short /> },
                        { name: "By", cell: ({ person }) => nameOf(person) },
                        { name: "Agreement", cell: ({ version }) => `version ${version}` },
                        { name: "It says", cell: (statement) => <Said statement={statement} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Said({ statement: { kind, nothing, body, at } }: { statement: Statement }): ReactNode {
    if ("text" in body) {
        if (nothing) return <Badge>nothing to report</Badge>
        return (
            <Opens button="Read it…" title={`${dueTitles[kind]}, ${at.slice(0, 10)}`} wide>
                {() => <Reading label="Text of the report" text={body.text} />}
            </Opens>
        )
    }
    if (nothing) return <Badge tone="good">all kept</Badge>
    const broken = body.obligations.filter(({ kept }) => !kept)
    return (
        <Opens button={`${broken.length} not kept…`} title={`${dueTitles[kind]}, ${at.slice(0, 10)}`} wide>
            {() => (
                <ul className="obligations">
                    {broken.map(({ id, note }) => (
                        <li key={id} className="card">
                            <strong>{id}, not kept</strong>
                            <p className="letter">{note}</p>
                        </li>
                    ))}
                </ul>
            )}
        </Opens>
    )
}
