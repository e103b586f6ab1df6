/** Templates of letters: the text of each kind that is used now, and a new version of it. */
import { useState } from "react"
import type { LetterKind } from "../../trace/measures/letter.ts"
import { useRead } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { AskForm } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Loaded } from "../kit/notice.tsx"
import { Table } from "../kit/table.tsx"
import { useWhyNot } from "./viewer.tsx"

interface Template {
    readonly kind: LetterKind
    readonly version: number
    readonly subject: string
    readonly text: string
    readonly since: string | null
    readonly fields: readonly string[]
    readonly needed: readonly string[]
}

export function Templates() {
    return (
        <Opens button="Templates…" title="Templates of letters" wide>
            {() => <TemplateList />}
        </Opens>
    )
}

function TemplateList() {
    const templates = useRead<{ templates: readonly Template[] }>("/api/letter-templates")
    const [chosen, setChosen] = useState<LetterKind | null>(null)
    const not = useWhyNot()("letter:write")
    return (
        <Loaded of={templates}>
            {({ templates: all }) => {
                const one = all.find(({ kind }) => kind === chosen)
                if (one !== undefined) return <Change of={one} onDone={() => setChosen(null)} />
                return (
                    <Table
                        tall
                        caption="Templates that are used now"
                        rows={all}
                        keyOf={({ kind }) => kind}
                        columns={[
                            { name: "Letter", cell: ({ kind }) => <strong>{kind}</strong> },
                            { name: "Subject", cell: ({ subject }) => subject },
                            { name: "Version", cell: ({ version }) => (version === 0 ? "as shipped" : version) },
                            { name: "Since", cell: ({ since }) => since !== null && <When at={since} short /> },
                            {
                                name: "Actions",
                                cell: ({ kind, subject }) => (
                                    <Button
                                        look="quiet"
                                        label={`Change “${subject}”`}
                                        not={not}
                                        onPress={() => setChosen(kind)}
                                    >
                                        Change…
                                    </Button>
                                ),
                                end: true,
                            },
                        ]}
                    />
                )
            }}
        </Loaded>
    )
}

const placed = (names: readonly string[]) => names.map((name) => `[${name}]`).join(", ")

function Change({ of, onDone }: { of: Template; onDone: () => void }) {
    const must = of.needed.length === 0 ? "" : ` It has to name ${placed(of.needed)}.`
    return (
        <AskForm
            asked={[
                { name: "subject", label: "Subject", kind: "line", initial: of.subject },
                {
                    ...{ name: "text", label: "Letter", kind: "text", initial: of.text },
                    hint: `It can name ${placed(of.fields)}.${must}`,
                },
            ]}
            submit={`Use it as version ${of.version + 1}`}
            write={(body) => ({
                method: "PUT",
                path: `/api/letter-templates/${encodeURIComponent(of.kind)}`,
                body,
            })}
            onDone={onDone}
        >
            <p>
                The letter for “{of.kind}”. Letters that were sent stay as they are; each can still be changed before it
                is sent.
            </p>
        </AskForm>
    )
}
