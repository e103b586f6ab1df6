/** Closes a case that will not be published. One person does this, permanently. */
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Notice } from "../../../kit/notice.tsx"
import type { Case } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"

const closingWords = {
    cancelled: "cancelled before anybody was warned of it",
    withdrawn: "withdrawn: whoever was warned of it was told so",
} as const

/** Returns why a case accepts no changes; null while it is open. */
export function closedWhy({ closure: closing }: Case): string | null {
    return closing === null ? null : `this case is ${closing.kind}`
}

export function ClosingNotice({ subject: { closure: closing } }: { subject: Case }) {
    if (closing === null) return null
    return (
        <Notice tone="due">
            <span>
                This case was {closingWords[closing.kind]}, <When at={closing.at} />. Nothing more of it opens.
            </span>
        </Notice>
    )
}

export function CloseDialog({ subject }: { subject: Case }) {
    const lacks = useWhyNot()("case:write")
    const disabledReason = lacks ?? closedWhy(subject) ?? (subject.phase === "ended" ? "it is public" : null)
    return (
        <FormDialog
            button="Close…"
            title="Close this case: it will not be published"
            submit="Close it for good"
            look="danger"
            disabledReason={disabledReason}
            requests={[
                {
                    name: "reason",
                    label: "Why",
                    kind: "text",
                    length: { min: 1, max: 2000 },
                    hint: "kept sealed; partners are told that it was withdrawn, and not why.",
                },
            ]}
            write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/close`, { reason })}
        >
            <p>
                Nothing more of it opens, what was signed falls, and it is not opened again. It takes one person. Before
                anybody was warned of it, it is cancelled; after that, it is withdrawn, and those who were warned are
                told. Copies that are held cannot be called back.
            </p>
        </FormDialog>
    )
}
