/** What this partner is asked to delete, and its word that it did. */
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Notice } from "../kit/notice.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import { reachesCases } from "../../trust/partners/partner.ts"
import type { Recall } from "./answers.ts"
import { useMe, useWhyNot } from "./viewer.ts"

/** All of them: also of warnings that are out of reach. */
export function OpenRecalls() {
    const path = reachesCases(useMe().partner.standing) ? "/api/recalls" : null
    const recalls = useRead<{ recalls: readonly Recall[] }>(path).data?.recalls ?? []
    return <Recalls of={recalls.filter((one) => one.confirmedAt === null)} />
}

export function Recalls({ of }: { of: readonly Recall[] }) {
    if (of.length === 0) return null
    const open = of.some((one) => one.confirmedAt === null)
    return (
        <Section title={open ? "Recalled: delete your copies" : "Recalled"}>
            {open && (
                <Notice tone="bad">
                    The operator recalled what you hold. Delete every copy of it, with what was made of it and your
                    backups as far as you can, and confirm that here.
                </Notice>
            )}
            <Table
                caption="What was recalled"
                rows={of}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: "Artifact",
                        cell: (one) => (
                            <>
                                <strong>{one.name}</strong> <span className="muted">{one.class}</span>
                            </>
                        ),
                    },
                    { name: "You hold", cell: ({ versions }) => versions.map((one) => `version ${one}`).join(", ") },
                    { name: "Recalled", cell: ({ at }) => <When at={at} short /> },
                    { name: "Deletion", cell: (one) => <Confirm of={one} />, end: true },
                ]}
            />
        </Section>
    )
}

function Confirm({ of }: { of: Recall }) {
    const not = useWhyNot()("recall:own")
    const { partner } = useMe()
    if (of.confirmedAt !== null) {
        return (
            <Badge tone="good">
                confirmed <When at={of.confirmedAt} short />
            </Badge>
        )
    }
    return (
        <Opens
            look="main"
            not={not}
            title={`Confirm that ${of.name} is deleted`}
            button={
                <>
                    Confirm deletion… <span className="unseen">of {of.name}</span>
                </>
            }
        >
            {(close) => (
                <>
                    <p>
                        You confirm for {partner.name}, in your name, that it holds no copy of {of.name} any more. It is
                        kept with a receipt for you, and cannot be taken back.
                    </p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={{ method: "POST", path: `/api/recalls/${of.id}/confirm-deletion` }}
                            onDone={close}
                        >
                            Our copies are deleted
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
