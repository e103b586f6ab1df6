/** The button that saves a receipt as a file. */
import { SaveButton } from "../../kit/button.tsx"
import { wordsOf } from "../../kit/instant.tsx"
import { rich } from "../../messages/message.ts"
import { read } from "../api.ts"

export function SaveReceipt({ id, kind, at }: { id: string; kind: string; at: string }) {
    const content = async () => (await read(`/api/receipts/${id}`)).receipt
    return (
        <SaveButton name={`${kind}-${id.slice(0, 8)}.receipt`} content={content}>
            {rich("Save <unseen>the receipt of {at}</unseen>", {
                unseen: (text) => <span className="unseen">{text}</span>,
                at: wordsOf(at),
            })}
        </SaveButton>
    )
}
