/** A document's key disclosure to an expert: requested next to the attribution, and handed over once when applied. */
import type { ExpertFile } from "@tocsin/marks/expert"
import { useLook, writeTo, type AnswerTo } from "../../api.ts"
import { Button, Do } from "../../../kit/button.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { Table } from "../../../kit/table.tsx"
import type { Approval } from "../../answers.ts"
import { detailOf } from "../../release/effects.tsx"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"

const pathOf = (attribution: string) => `/api/attributions/${attribution}/disclose-keys` as const

interface OpenKeyProps {
    attribution: string
    evidence: string
}

/** Loads the list of inquiries on request, because each view is recorded. */
export function OpenKey({ attribution, evidence }: OpenKeyProps) {
    const disabledReason = useWhyNot()("marks:disclose")
    return (
        <>
            <FormDialog
                button="Open the key for an expert…"
                title="Open the key for an expert"
                submit="Ask a second person"
                disabledReason={disabledReason}
                requests={[]}
                write={() => writeTo("POST", pathOf(attribution), {})}
            >
                <About />
                <p className="muted">Investigators and approvers see that it was asked for.</p>
            </FormDialog>
            <Opens
                button="For an inquiry…"
                title="Open the key for an inquiry's expert"
                look="quiet"
                disabledReason={disabledReason}
            >
                {() => <ForInquiry attribution={attribution} evidence={evidence} />}
            </Opens>
        </>
    )
}

function About() {
    return (
        <p>
            Of every version that the leak was recognised as, an outsider gets the key, the slots, everybody&apos;s word
            by number, what commits to the copies that were handed out, what was read and what was concluded, and
            computes all of it again. Whoever has the key can make anybody&apos;s copy: another person signs first, it
            is given once, and it is on record.
        </p>
    )
}

function ForInquiry({ attribution, evidence }: OpenKeyProps) {
    const own = useLook("/api/inquiries")
    return (
        <>
            <About />
            <Loaded query={own}>
                {({ inquiries }) => {
                    const entries = inquiries.filter((inquiry) => inquiry.evidence.includes(evidence))
                    if (entries.length === 0) return <Notice>No inquiry of yours has this leak as its evidence.</Notice>
                    return entries.map(({ id, title }) => (
                        <p key={id} className="row">
                            <strong>{title}</strong>
                            <Do write={writeTo("POST", pathOf(attribution), { inquiry: id })}>Ask another member</Do>
                        </p>
                    ))
                }}
            </Loaded>
        </>
    )
}

/** The disclosed key, until the viewer closes it. */
export type Given = NonNullable<AnswerTo<"/api/attributions/{id}/disclose-keys", "POST">["disclosed"]>

interface CarryProps {
    approval: Approval
    onGiven: ((given: Given) => void) | undefined
}

/** Saves the file at once, because the server hands it over only once. */
export function CarryOpening({ approval, onGiven }: CarryProps) {
    const { attribution, inquiry } = detailOf(approval)
    return (
        <Do
            look="main"
            disabledReason={useWhyNot()("marks:disclose")}
            write={writeTo("POST", pathOf(String(attribution)), {
                ...(typeof inquiry === "string" && { inquiry }),
                approval: approval.id,
            })}
            onDone={({ disclosed: given }) => {
                if (given === null) return
                saveAs(nameOf(given), given.file)
                onGiven?.(given)
            }}
        >
            Save the expert file
        </Do>
    )
}

function nameOf({ file }: Given): string {
    const { attribution } = JSON.parse(file) as ExpertFile
    return `expert-${attribution.slice(0, 8)}.json`
}

export function GivenToExpert({ given, onClose }: { given: Given; onClose: () => void }) {
    const names = useNames()
    const numbers = JSON.stringify({ numbers: given.numbers }, null, 4)
    return (
        <Notice tone="good">
            <div className="stack">
                <p>
                    The expert file was saved. It is given this once, and names nobody. Whose numbers they are is no
                    part of it:
                </p>
                <Table
                    caption="Whose numbers they are"
                    rows={given.numbers}
                    keyOf={({ number }) => String(number)}
                    columns={[
                        { name: "Number", cell: ({ number }) => number },
                        { name: "Whose", cell: names.recipient },
                    ]}
                />
                <span className="row">
                    <Button onPress={() => saveAs(nameOf(given), given.file)}>Save the file again</Button>
                    <Button onPress={() => saveAs("expert-numbers.json", `${numbers}\n`)}>Save the numbers</Button>
                    <Button look="quiet" onPress={onClose}>
                        Put it away
                    </Button>
                </span>
            </div>
        </Notice>
    )
}
