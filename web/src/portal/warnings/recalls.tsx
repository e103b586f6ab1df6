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
import { rich, t, valueText } from "../../messages/message.ts"

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
        <Section title={open ? t("Recalled: delete your copies") : t("Recalled copies")}>
            {open && (
                <Notice tone="bad">
                    {t(
                        "The operator recalled copies that you have. Delete every copy and everything made from it, with your backups as far as possible. Then confirm the deletion here.",
                    )}
                </Notice>
            )}
            <Table
                caption={t("Recalled artifacts")}
                rows={recalls}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: t("Artifact"),
                        cell: (recall) => (
                            <>
                                <strong>{recall.name}</strong> <span className="muted">{valueText(recall.class)}</span>
                            </>
                        ),
                    },
                    {
                        name: t("You have"),
                        cell: ({ versions }) =>
                            versions.map((version) => t("version {version}", { version })).join(", "),
                    },
                    { name: t("Recalled"), cell: ({ at }) => <When at={at} short /> },
                    { name: t("Deletion"), cell: (recall) => <Confirm recall={recall} />, end: true },
                ]}
            />
        </Section>
    )
}

function Confirm({ recall }: { recall: Recall }) {
    const disabledReason = useWhyNot()("recall:own")
    const { partner } = useMe()
    if (recall.confirmedAt !== null) {
        const confirmedAt = <When at={recall.confirmedAt} short />
        return <Badge tone="good">{rich("confirmed {confirmedAt}", { confirmedAt })}</Badge>
    }
    return (
        <Opens
            look="main"
            disabledReason={disabledReason}
            title={t("Confirm deletion of {artifact}?", { artifact: recall.name })}
            button={
                <>
                    {rich("Confirm deletion… <unseen>of {artifact}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        artifact: recall.name,
                    })}
                </>
            }
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "You confirm in your name that {partner} has no copy of {artifact}. You get a receipt. You cannot undo this.",
                            { partner: partner.name, artifact: recall.name },
                        )}
                    </p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/recalls/${recall.id}/confirm-deletion`)}
                            onDone={close}
                        >
                            {t("Confirm deletion")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
