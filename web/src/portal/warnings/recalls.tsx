/** The recalls that this partner must act on, and its deletion confirmations. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Notice } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import type { Recall } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"

/** Lists all recalls, including those of warnings out of reach. */
export function OpenRecalls() {
    const path = hasCaseAccess(useMe().partner.status) ? "/api/recalls" : null
    const recalls = useRead(path).data?.recalls ?? []
    return <Recalls recalls={recalls.filter((recall) => recall.confirmedAt === null)} />
}

export function Recalls({ recalls }: { recalls: readonly Recall[] }) {
    if (recalls.length === 0) return null
    const open = recalls.some((recall) => recall.confirmedAt === null)
    return (
        <Section title={open ? "Recalled: delete your copies" : "Recalled copies"}>
            {open && (
                <Notice tone="bad">
                    The operator recalled copies that you have. Delete every copy and everything made from it, with your
                    backups as far as possible. Then confirm the deletion here.
                </Notice>
            )}
            <Table
                caption="Recalled artifacts"
                rows={recalls}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: "Artifact",
                        cell: (recall) => (
                            <>
                                <strong>{recall.name}</strong> <span className="muted">{recall.class}</span>
                            </>
                        ),
                    },
                    {
                        name: "You have",
                        cell: ({ versions }) => versions.map((version) => `version ${version}`).join(", "),
                    },
                    { name: "Recalled", cell: ({ at }) => <When at={at} short /> },
                    { name: "Deletion", cell: (recall) => <Confirm recall={recall} />, end: true },
                ]}
            />
        </Section>
    )
}

function Confirm({ recall }: { recall: Recall }) {
    const disabledReason = useWhyNot()("recall:own")
    const { partner } = useMe()
    if (recall.confirmedAt !== null) {
        return (
            <Badge tone="good">
                confirmed <When at={recall.confirmedAt} short />
            </Badge>
        )
    }
    return (
        <Opens
            look="main"
            disabledReason={disabledReason}
            title={`Confirm deletion of ${recall.name}?`}
            button={
                <>
                    Confirm deletion… <span className="unseen">of {recall.name}</span>
                </>
            }
        >
            {(close) => (
                <>
                    <p>
                        You confirm in your name that {partner.name} has no copy of {recall.name}. You get a receipt.
                        You cannot undo this.
                    </p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/recalls/${recall.id}/confirm-deletion`)}
                            onDone={close}
                        >
                            Confirm deletion
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
