/** Actions on stored evidence: download, notes, legal hold, deletion and chain of custody. */
import { useState } from "react"
import { noteKinds, noteLength } from "../../../../../server/src/trace/evidence/retention.ts"
import { read, useLook, writeTo } from "../../api.ts"
import { Button, SaveButton } from "../../../kit/button.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../../kit/notice.tsx"
import { bytesIn } from "../../../kit/save-file.ts"
import { Facts, Section, Table } from "../../../kit/table.tsx"
import { type EvidenceAnswer, happenedWords } from "./evidence-reads.ts"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"

/** Saves the original as bytes. The browser never displays it. */
export function SaveOriginal({ evidence }: { evidence: EvidenceAnswer }) {
    const content = async () => {
        const { base64 } = await read(`/api/evidence/${evidence.id}/original`)
        return bytesIn(base64 ?? "")
    }
    return (
        <SaveButton name={`evidence-${evidence.id.slice(0, 8)}.bin`} content={content}>
            Save the file as it was found
        </SaveButton>
    )
}

const why = { name: "reason", label: "Reason", kind: "text", length: noteLength } as const

interface KeptProps {
    evidence: EvidenceAnswer
    /** Each view of this page is recorded, so the page does not reload automatically. */
    onDone: () => void
}

export function HoldActions({ evidence, onDone }: KeptProps) {
    const disabledReason = useWhyNot()("evidence:write")
    if (evidence.hold !== null) {
        return (
            <FormDialog
                button="Lift the legal hold…"
                title="Lift the legal hold"
                submit="Ask for a signature"
                disabledReason={disabledReason}
                onDone={onDone}
                requests={[why]}
                write={({ reason }) => writeTo("POST", `/api/evidence/${evidence.id}/hold/lift`, { reason })}
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
                disabledReason={disabledReason}
                onDone={onDone}
                requests={[{ ...why, hint: "Kept sealed." }]}
                write={({ reason }) => writeTo("POST", `/api/evidence/${evidence.id}/hold`, { reason })}
            >
                <p>It cannot be deleted from now on, also where that was signed before. To lift the hold takes two.</p>
            </FormDialog>
            <FormDialog
                button="Delete…"
                buttonLook="danger"
                title="Delete this evidence"
                submit="Ask for a signature"
                look="danger"
                disabledReason={disabledReason}
                onDone={onDone}
                requests={[why]}
                write={({ reason }) => writeTo("POST", `/api/evidence/${evidence.id}/delete`, { reason })}
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

export function NotesSection({ evidence, onDone }: KeptProps) {
    const names = useNames()
    return (
        <Section
            title="Licence and handling"
            aside={evidence.deletedAt === null && <AddNote evidence={evidence} onDone={onDone} />}
        >
            {evidence.hold !== null && (
                <Notice tone="due">
                    <span>
                        Under legal hold since <When at={evidence.hold.setAt} short />, set by{" "}
                        {names.person(evidence.hold.setBy)}: {evidence.hold.reason}
                    </span>
                </Notice>
            )}
            {evidence.notes.length === 0 ? (
                <Empty title="Nothing was said of it later." />
            ) : (
                <Table
                    caption="What was said of it, oldest first"
                    rows={evidence.notes}
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

function AddNote({ evidence, onDone }: KeptProps) {
    return (
        <FormDialog
            button="Add a note…"
            title="Add a note"
            submit="Add it"
            disabledReason={useWhyNot()("evidence:write")}
            onDone={onDone}
            requests={[
                {
                    name: "about",
                    label: "About",
                    kind: "choice",
                    from: noteKinds.map((value) => ({ value, name: aboutNames[value] })),
                },
                {
                    name: "text",
                    label: "Note",
                    kind: "text",
                    length: noteLength,
                    hint: "Kept sealed, and never changed: what is wrong is said anew.",
                },
            ]}
            write={({ about, text }) => writeTo("POST", `/api/evidence/${evidence.id}/notes`, { about, text })}
        />
    )
}

/** Loads the chain of custody on request, because each view adds an entry. */
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
    const custody = useLook(`/api/evidence/${evidence}/chain-of-custody`)
    return (
        <Loaded query={custody}>
            {({ custody }) => (
                <Table
                    caption="What ever happened to it, oldest first"
                    rows={custody.map((happened, n) => ({ ...happened, n }))}
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
    const happenedWord = happenedWords[kind] ?? kind
    return detail === null ? happenedWord : `${happenedWord} (${detail})`
}

export function DeletedFacts({ evidence }: { evidence: EvidenceAnswer }) {
    const names = useNames()
    if (evidence.deletion === null) return null
    return (
        <Section title="Deleted">
            <Facts
                items={[
                    ["When", <When key="at" at={evidence.deletion.at} />],
                    ["By", names.person(evidence.deletion.by)],
                    ["Why", evidence.deletion.reason],
                ]}
            />
        </Section>
    )
}
