/** What this partner fetched, acknowledged and deleted, and by whom; each receipt can be saved as a file. */
import { Link } from "@tanstack/react-router"
import type { Channel } from "../../../../server/src/share/delivery/channel.ts"
import { read, useRead } from "../api.ts"
import { SaveButton } from "../../kit/button.tsx"
import { When, wordsOf } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Receipt } from "../answers.ts"
import { useNameOf, useWarnings } from "../viewer.ts"

export function Receipts() {
    const receipts = useRead("/api/receipts")
    return (
        <Page title="Receipts" lead="A receipt proves a fetch, an acknowledgement or a deletion to anyone.">
            <Loaded query={receipts}>
                {({ receipts, more }) =>
                    receipts.length === 0 ? (
                        <Empty title="No receipts yet.">They appear here after you fetch a copy.</Empty>
                    ) : (
                        <>
                            <ReceiptTable receipts={receipts} />
                            {more && <Notice>These are the newest {receipts.length} receipts.</Notice>}
                        </>
                    )
                }
            </Loaded>
            <Section title="Verify a receipt">
                <p className="soft">
                    Save the file and run <code className="code">tocsin verify --key KEY FILE</code>. The check needs no
                    connection. A new receipt gets its proof with the next batch, at a fixed time.
                </p>
            </Section>
        </Page>
    )
}

function ReceiptTable({ receipts }: { receipts: readonly Receipt[] }) {
    const nameOf = useNameOf()
    return (
        <Table
            caption="Receipts, newest first"
            rows={receipts}
            keyOf={({ id }) => id}
            columns={[
                {
                    name: "Action",
                    cell: (receipt) => (
                        <Badge tone={receipt.kind === "fetched" ? "plain" : "good"}>{actionOf(receipt)}</Badge>
                    ),
                },
                { name: "Artifact", cell: (receipt) => <Artifact receipt={receipt} /> },
                { name: "Version", cell: ({ versions }) => versions.join(", "), end: true },
                { name: "Time", cell: ({ at }) => <When at={at} short /> },
                { name: "By", cell: ({ person }) => nameOf(person) },
                { name: "Proof", cell: (receipt) => hasReceipt(receipt) && <Save receipt={receipt} />, end: true },
            ]}
        />
    )
}

const channelNames: Readonly<Record<Channel, string>> = {
    copy: "fetched",
    misp: "saved for MISP",
    csaf: "read by CSAF",
    taxii: "read by TAXII",
    taxii_copy: "read by TAXII",
}

const actionOf = ({ kind, channel = "copy" }: Receipt): string => (kind === "fetched" ? channelNames[channel] : kind)

/** Returns whether the delivery has a receipt. Pages that tools read are recorded without one. */
const hasReceipt = ({ channel = "copy" }: Receipt): boolean => channel === "copy"

/** Names the artifact and its warning, if the viewer has access. */
function Artifact({ receipt: { warning, artifact } }: { receipt: Receipt }) {
    const warnings = useWarnings()
    const found = warnings.data?.warnings.find(({ id }) => id === warning)
    if (found === undefined) {
        return <span className="muted">{warnings.isLoading ? "…" : "a warning without access"}</span>
    }
    const name = found.artifacts.find(({ id }) => id === artifact)?.name ?? null
    return (
        <span className="stack">
            <strong>{name ?? "whole warning"}</strong>
            <Link to={`/warnings/${warning}`}>{found.title}</Link>
        </span>
    )
}

function Save({ receipt }: { receipt: Receipt }) {
    const content = async () => (await read(`/api/receipts/${receipt.id}`)).receipt
    return (
        <SaveButton name={`${receipt.kind}-${receipt.id.slice(0, 8)}.receipt`} content={content}>
            Save <span className="unseen">the receipt of {wordsOf(receipt.at)}</span>
        </SaveButton>
    )
}
