/** What is done with evidence once it is filed: the file given back, notes, the legal hold, its deletion, its custody. */
import { useState } from "react"
import { noteKinds, wordsLength } from "../../trace/evidence/keeping.ts"
import { read, useLook } from "../kit/api.ts"
import { Button, SaveButton } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { bytesIn } from "../kit/saving.ts"
import { Facts, Section, Table } from "../kit/table.tsx"
import { type EvidenceAnswer, type Happened, happenedWords } from "./evidence-reads.ts"
import { useNames, useWhyNot } from "./viewer.tsx"

/** As bytes, whatever it is: the browser shows nothing of it. */
export function SaveOriginal({ of }: { of: EvidenceAnswer }) {
    const content = async () => {
        const { base64 } = await read<{ base64: string | null }>(`/api/evidence/${of.id}/original`)
        return bytesIn(base64 ?? "")
    }
    return (
        <SaveButton name={`evidence-${of.id.slice(0, 8)}.bin`} content={content}>
            Save the file as it was found
        </SaveButton>
    )
}

const why = { name: "reason", label: "Reason", kind: "text", length: wordsLength } as const

interface KeptProps {
    of: EvidenceAnswer
    /** The page is a look, which is not taken again by itself. */
    onDone: () => void
}

export function HoldActions({ of, onDone }: KeptProps) {
    const not = useWhyNot()("evidence:write")
    if (of.hold !== null) {
        return (
            <FormDialog
                button="Lift the legal hold…"
                title="Lift the legal hold"
                submit="Ask for a signature"
                not={not}
                onDone={onDone}
                asked={[why]}
                write={({ reason }) => ({
                    method: "POST",
                    path: `/api/evidence/${of.id}/hold/lift`,
                    body: { reason },
                })}
            >
                <p>A second person signs it. From then on two people can delete the evidence.</p>
            </FormDialog>
        )
    }
    return (
        <>
            <FormDialog
                button="Put under legal hold…"
                title="Put under legal hold"
                submit="Put it under hold"
                not={not}
                onDone={onDone}
                asked={[{ ...why, hint: "Kept sealed." }]}
                write={({ reason }) => ({ method: "POST", path: `/api/evidence/${of.id}/hold`, body: { reason } })}
            >
                <p>It cannot be deleted from now on, also where that was signed before. To lift the hold takes two.</p>
            </FormDialog>
            <FormDialog
                button="Delete…"
                buttonLook="danger"
                title="Delete this evidence"
                submit="Ask for a signature"
                look="danger"
                not={not}
                onDone={onDone}
                asked={[why]}
                write={({ reason }) => ({ method: "POST", path: `/api/evidence/${of.id}/delete`, body: { reason } })}
            >
                <p>
                    A second person signs it. Its content, its words, its key and what was found out from it are gone
                    then, and cannot be brought back. Its hash and its custody stay.
                </p>
            </FormDialog>
        </>
    )
}

const aboutNames = { licence: "Licence", handling: "Handling", other: "Other" } as const

export function NotesSection({ of, onDone }: KeptProps) {
    const names = useNames()
    return (
        <Section title="Licence and handling" aside={of.deletedAt === null && <AddNote of={of} onDone={onDone} />}>
            {of.hold !== null && (
                <Notice tone="due">
                    <span>
                        Under legal hold since <When at={of.hold.setAt} short />, set by {names.person(of.hold.setBy)}:{" "}
                        {of.hold.reason}
                    </span>
                </Notice>
            )}
            {of.notes.length === 0 ? (
                <Empty title="Nothing was said of it later." />
            ) : (
                <Table
                    caption="What was said of it, oldest first"
                    rows={of.notes}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: "About", cell: ({ about }) => aboutNames[about] },
                        { name: "Note", cell: ({ text }) => text },
                        { name: "By", cell: ({ by }) => names.person(by) },
                        { name: "When", cell: ({ at }) => <When at={at} short /> },
                    ]}
                />
            )}
        </Section>
    )
}

function AddNote({ of, onDone }: KeptProps) {
    return (
        <FormDialog
            button="Add a note…"
            title="Add a note"
            submit="Add it"
            not={useWhyNot()("evidence:write")}
            onDone={onDone}
            asked={[
                {
                    ...{ name: "about", label: "About", kind: "choice" },
                    from: noteKinds.map((value) => ({ value, name: aboutNames[value] })),
                },
                {
                    ...{ name: "text", label: "Note", kind: "text", length: wordsLength },
                    hint: "Kept sealed, and never changed: what is wrong is said anew.",
                },
            ]}
            write={({ about, text }) => ({
                method: "POST",
                path: `/api/evidence/${of.id}/notes`,
                body: { about, text },
            })}
        />
    )
}

/** Asked for by a press: each look is one more line of it. */
export function CustodySection({ evidence }: { evidence: string }) {
    const [isAsked, setAsked] = useState(false)
    return (
        <Section title="Chain of custody">
            {isAsked ? (
                <Custody evidence={evidence} />
            ) : (
                <div className="row">
                    <Button onPress={() => setAsked(true)}>Show what ever happened to it</Button>
                </div>
            )}
        </Section>
    )
}

function Custody({ evidence }: { evidence: string }) {
    const names = useNames()
    const custody = useLook<{ custody: readonly Happened[] }>(`/api/evidence/${evidence}/chain-of-custody`)
    return (
        <Loaded of={custody}>
            {({ custody: all }) => (
                <Table
                    caption="What ever happened to it, oldest first"
                    rows={all.map((one, n) => ({ ...one, n }))}
                    keyOf={({ n }) => String(n)}
                    tall
                    columns={[
                        { name: "When", cell: ({ at }) => <When at={at} short /> },
                        { name: "What", cell: ({ kind, detail }) => saidOf(kind, detail) },
                        { name: "By", cell: ({ by }) => (by === null ? "by itself" : names.person(by)) },
                        { name: "In the record", end: true, cell: ({ leaf }) => leaf ?? "not yet" },
                    ]}
                />
            )}
        </Loaded>
    )
}

function saidOf(kind: string, detail: string | null): string {
    const what = happenedWords[kind] ?? kind
    return detail === null ? what : `${what} (${detail})`
}

export function DeletedFacts({ of }: { of: EvidenceAnswer }) {
    const names = useNames()
    if (of.deletion === null) return null
    return (
        <Section title="Deleted">
            <Facts
                of={[
                    ["When", <When key="at" at={of.deletion.at} />],
                    ["By", names.person(of.deletion.by)],
                    ["Why", of.deletion.reason],
                ]}
            />
        </Section>
    )
}
