/** The button that saves a receipt as a file, and the choice of its format. */
import { SaveButton } from "../../kit/button.tsx"
import { wordsOf } from "../../kit/instant.tsx"
import { Segments } from "../../kit/layout/segments.tsx"
import { rich, t } from "../../messages/message.ts"
import { read } from "../api.ts"

/** A receipt with the signature of the log, or as C2SP tlog-proof with those of witnesses. */
export type ReceiptFormat = "receipt" | "tlog_proof"

const formats: readonly { readonly id: ReceiptFormat; readonly name: string }[] = [
    { id: "receipt", name: t("Receipt") },
    { id: "tlog_proof", name: t("With witnesses") },
]

export function FormatChoice({ format, onChoose }: { format: ReceiptFormat; onChoose: (id: ReceiptFormat) => void }) {
    return <Segments label={t("Format of saved receipts")} choices={formats} chosen={format} onChoose={onChoose} />
}

interface SaveReceiptProps {
    id: string
    kind: string
    at: string
    format: ReceiptFormat
}

export function SaveReceipt({ id, kind, at, format }: SaveReceiptProps) {
    const [query, ending] = format === "receipt" ? ["", "receipt"] : ["?format=tlog_proof", "tlog-proof"]
    const content = async () => (await read(`/api/receipts/${id}${query}`)).receipt
    return (
        <SaveButton name={`${kind}-${id.slice(0, 8)}.${ending}`} content={content}>
            {rich("Save <unseen>the receipt of {at}</unseen>", {
                unseen: (text) => <span className="unseen">{text}</span>,
                at: wordsOf(at),
            })}
        </SaveButton>
    )
}
