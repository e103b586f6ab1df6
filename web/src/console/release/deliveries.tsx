/** Fetches and acknowledgements of one case or one partner. A partner holds only what it fetched. */
import type { PolledChannel } from "../../../../server/src/share/delivery/channel.ts"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useCan, useMayRead, useNames } from "../artifacts/viewer.tsx"
import type { AnswerTo } from "../api.ts"
import { t } from "../../messages/message.ts"

type Receipt = Receipts["acknowledged"][number]

type Receipts = AnswerTo<"/api/deliveries">

export const useDeliveries = (subject: "case" | "partner", id: string) =>
    useMayRead("delivery:read", `/api/deliveries?${subject}=${id}`)

export function Deliveries({ caseId, id }: { caseId: "case" | "partner"; id: string }) {
    const can = useCan()
    const names = useNames()
    const receipts = useDeliveries(caseId, id)
    if (!can("delivery:read")) return null
    const first =
        caseId === "case"
            ? { name: t("Partner"), cell: (receipt: Receipt) => names.partner(receipt.partner) }
            : { name: t("Case"), cell: (receipt: Receipt) => names.case(receipt.case) }
    return (
        <Section title={t("Deliveries")}>
            <Loaded query={receipts}>
                {({ fetched, acknowledged }) =>
                    fetched.length === 0 ? (
                        <Empty title={t("Nothing was fetched.")} />
                    ) : (
                        <Table
                            tall
                            caption={t("What was fetched and acknowledged")}
                            rows={fetched.toSorted((a, b) => b.at.localeCompare(a.at))}
                            keyOf={(item) => item.id}
                            columns={[
                                first,
                                { name: t("Artifact"), cell: (item) => names.artifact(item.artifact) },
                                { name: t("Version"), cell: (item) => item.version, end: true },
                                {
                                    name: t("Fetched"),
                                    cell: (item) => (
                                        <>
                                            <When at={item.at} />{" "}
                                            {item.channel !== "copy" && <Badge>{channelNames[item.channel]}</Badge>}
                                        </>
                                    ),
                                },
                                {
                                    name: t("Acknowledged"),
                                    cell: (item) => <Acknowledged receipt={item} receipts={acknowledged} />,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** Shows the acknowledgement. A version is acknowledged once; later fetches need no new one. */
function Acknowledged({ receipt, receipts }: { receipt: Receipt; receipts: readonly Receipt[] }) {
    const found = receipts.find((other) => confirms(other, receipt))
    if (found !== undefined && found.at < receipt.at) return <span className="muted">{t("before this fetch")}</span>
    return <When at={found?.at ?? null} short />
}

function confirms(other: Receipt, receipt: Receipt): boolean {
    return receipt.partner === other.partner && receipt.artifact === other.artifact && receipt.version === other.version
}

const channelNames: Readonly<Record<PolledChannel, string>> = {
    misp: t("for MISP"),
    csaf: t("by CSAF"),
    taxii: t("by TAXII"),
    taxii_copy: t("by TAXII"),
}
