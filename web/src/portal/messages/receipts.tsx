/** The fetches, acknowledgements, deletions and key changes of this partner; each receipt can be saved as a file. */
import { type ReactNode, useState } from "react"
import { Link } from "@tanstack/react-router"
import type { Channel } from "../../../../server/src/share/delivery/channel.ts"
import { useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Receipt } from "../answers.ts"
import { useNameOf, useWarnings } from "../viewer.ts"
import { rich, t, valueText } from "../../messages/message.ts"
import { ReceiptLog } from "./receipt-log.tsx"
import { KeyReceipts } from "./key-receipts.tsx"
import { FormatChoice, type ReceiptFormat, SaveReceipt } from "./save-receipt.tsx"

export function Receipts() {
    const receipts = useRead("/api/receipts")
    const [format, setFormat] = useState<ReceiptFormat>("receipt")
    return (
        <Page
            title={t("Receipts")}
            lead={t("A receipt proves a fetch, an acknowledgement, a deletion or a change of a key to anyone.")}
            aside={<FormatChoice format={format} onChoose={setFormat} />}
        >
            <ReceiptLog />
            <Loaded query={receipts}>
                {({ receipts, more }) =>
                    receipts.length === 0 ? (
                        <Empty title={t("No receipts of copies yet.")}>
                            {t("They appear here after you fetch a copy.")}
                        </Empty>
                    ) : (
                        <>
                            <ReceiptTable receipts={receipts} format={format} />
                            {more && (
                                <Notice>
                                    {t("These are the newest {count, plural, one {# receipt} other {# receipts}}.", {
                                        count: receipts.length,
                                    })}
                                </Notice>
                            )}
                        </>
                    )
                }
            </Loaded>
            <KeyReceipts format={format} />
            <Section title={t("Verify a receipt")}>
                <p className="soft">
                    {format === "receipt"
                        ? rich(
                              "Save the file and run <command>tocsin verify --key KEY FILE</command>. The check needs no connection. A new receipt gets its proof with the next batch, at a fixed time.",
                              { command },
                          )
                        : rich(
                              "Save the file and run <command>tocsin verify --policy POLICY FILE</command>. The check needs no connection, only a policy with the witnesses that you trust. They sign some seconds after the batch.",
                              { command },
                          )}
                </p>
            </Section>
        </Page>
    )
}

const command = (text: ReactNode) => <code className="code">{text}</code>

function ReceiptTable({ receipts, format }: { receipts: readonly Receipt[]; format: ReceiptFormat }) {
    const nameOf = useNameOf()
    return (
        <Table
            caption={t("Receipts, newest first")}
            rows={receipts}
            dense
            keyOf={({ id }) => id}
            columns={[
                { name: t("Artifact"), cell: (receipt) => <Artifact receipt={receipt} /> },
                {
                    name: t("Action"),
                    cell: (receipt) => (
                        <Badge tone={receipt.kind === "fetched" ? "plain" : "good"}>{actionOf(receipt)}</Badge>
                    ),
                },
                { name: t("Version"), cell: ({ versions }) => versions.join(", "), end: true },
                { name: t("Time"), cell: ({ at }) => <When at={at} short /> },
                { name: t("By"), cell: ({ person }) => nameOf(person) },
                {
                    name: t("Proof"),
                    cell: (receipt) => hasReceipt(receipt) && <SaveReceipt {...receipt} format={format} />,
                    end: true,
                },
            ]}
        />
    )
}

const channelNames: Readonly<Record<Channel, string>> = {
    copy: t("fetched"),
    misp: t("saved for MISP"),
    csaf: t("read by CSAF"),
    taxii: t("read by TAXII"),
    taxii_copy: t("read by TAXII"),
}

const actionOf = ({ kind, channel = "copy" }: Receipt): string =>
    kind === "fetched" ? channelNames[channel] : valueText(kind)

/** Returns whether the delivery has a receipt. Pages that tools read are recorded without one. */
const hasReceipt = ({ channel = "copy" }: Receipt): boolean => channel === "copy"

/** Names the artifact and its warning, if the viewer has access. */
function Artifact({ receipt: { warning, artifact } }: { receipt: Receipt }) {
    const warnings = useWarnings()
    const found = warnings.data?.warnings.find(({ id }) => id === warning)
    if (found === undefined) {
        return <span className="muted">{warnings.isLoading ? "…" : t("a warning without access")}</span>
    }
    const name = found.artifacts.find(({ id }) => id === artifact)?.name ?? null
    return (
        <span className="stack">
            <strong>{name ?? t("whole warning")}</strong>
            <Link to={`/warnings/${warning}`}>{found.title}</Link>
        </span>
    )
}
