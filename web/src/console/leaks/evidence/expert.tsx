/** A document's key disclosure to an expert: requested next to the attribution, and handed over once when applied. */
import type { ExpertFile } from "@tocsin/marks/expert"
import { useLook, writeTo, type AnswerTo } from "../../api.ts"
import { Button, Do } from "../../../kit/button.tsx"
import { AskForm } from "../../../kit/form.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { Table } from "../../../kit/table.tsx"
import type { Approval } from "../../answers.ts"
import { detailOf } from "../../release/effect-parts.tsx"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

const pathOf = (attribution: string) => `/api/attributions/${attribution}/disclose-keys` as const

interface DisclosureProps {
    attribution: string
    evidence: string
}

export function DiscloseForm({ attribution, onDone }: { attribution: string; onDone: () => void }) {
    return (
        <AskForm
            submit={t("Request a second signature")}
            requests={[]}
            write={() => writeTo("POST", pathOf(attribution), {})}
            onDone={onDone}
        >
            <About />
            <p className="muted">{t("Investigators and approvers see the request.")}</p>
        </AskForm>
    )
}

function About() {
    return (
        <p>
            {t(
                "The expert gets the mark keys of each recognised version, the slots, all codewords by number, the commitments to the copies, and the result, and can compute the attribution again. With the keys, anyone can reproduce any copy. Needs a second signature. The file is given once, and the disclosure is recorded.",
            )}
        </p>
    )
}

/** Loads the list of inquiries when it is opened, because each view is recorded. */
export function DiscloseForInquiry({ attribution, evidence }: DisclosureProps) {
    const own = useLook("/api/inquiries")
    return (
        <>
            <About />
            <Loaded query={own}>
                {({ inquiries }) => {
                    const entries = inquiries.filter((inquiry) => inquiry.evidence.includes(evidence))
                    if (entries.length === 0) return <Notice>{t("No inquiry of yours contains this evidence.")}</Notice>
                    return entries.map(({ id, title }) => (
                        <p key={id} className="row">
                            <strong>{title}</strong>
                            <Do write={writeTo("POST", pathOf(attribution), { inquiry: id })}>
                                {t("Request a second signature")}
                            </Do>
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
            {t("Save the expert file")}
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
                    {t(
                        "The expert file is saved. You get it only once. It contains numbers and no names. The numbers stand for these recipients:",
                    )}
                </p>
                <Table
                    caption={t("Recipients by number")}
                    rows={given.numbers}
                    keyOf={({ number }) => String(number)}
                    columns={[
                        { name: t("Number"), cell: ({ number }) => number },
                        { name: t("Recipient"), cell: names.recipient },
                    ]}
                />
                <span className="row">
                    <Button onPress={() => saveAs(nameOf(given), given.file)}>{t("Save the file again")}</Button>
                    <Button onPress={() => saveAs("expert-numbers.json", `${numbers}\n`)}>
                        {t("Save the numbers")}
                    </Button>
                    <Button look="quiet" onPress={onClose}>
                        {t("Close")}
                    </Button>
                </span>
            </div>
        </Notice>
    )
}
