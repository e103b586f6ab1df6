/** What this partner fetched and acknowledged, and by whom; each receipt can be saved as a file. */
import { Link } from "@tanstack/react-router"
import type { Channel } from "../../../../server/src/share/delivery/channel.ts"
import { read, useRead } from "../api.ts"
import { SaveButton } from "../../kit/button.tsx"
import { When, wordsOf } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Short, Table } from "../../kit/table.tsx"
import type { Receipt } from "../answers.ts"
import { useNameOf, useWarnings } from "../viewer.ts"

export function ReceiptsScreen() {
    const receipts = useRead("/api/receipts")
    return (
        <Page title="Receipts">
            <p className="caution">
                Each fetch, each acknowledgement and each deletion of yours is on record. The receipt of a copy, an
                acknowledgement or a deletion proves that without anybody's help:{" "}
                <code className="code">tocsin verify --key KEY FILE</code>. Receipts are published in batches at fixed
                times, so a new receipt is not there at once.
            </p>
            <Loaded query={receipts}>
                {({ receipts, more }) =>
                    receipts.length === 0 ? (
                        <Empty title="Nothing was fetched yet." />
                    ) : (
                        <>
                            <Listed receipts={receipts} />
                            {more && (
                                <Notice>These are the newest {receipts.length}; older ones are not listed.</Notice>
                            )}
                        </>
                    )
                }
            </Loaded>
        </Page>
    )
}

function Listed({ receipts }: { receipts: readonly Receipt[] }) {
    const nameOf = useNameOf()
    return (
        <Table
            caption="Receipts, the newest first"
            rows={receipts}
            keyOf={({ id }) => id}
            columns={[
                {
                    name: "What",
                    cell: (receipt) => (
                        <Badge tone={receipt.kind === "fetched" ? "plain" : "good"}>{whatOf(receipt)}</Badge>
                    ),
                },
                { name: "Of", cell: (receipt) => <Of receipt={receipt} /> },
                { name: "Version", cell: ({ versions }) => versions.join(", "), end: true },
                { name: "When", cell: ({ at }) => <When at={at} short /> },
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

const whatOf = ({ kind, channel = "copy" }: Receipt): string => (kind === "fetched" ? channelNames[channel] : kind)

/** Returns whether the delivery has a receipt. Pages that tools read are recorded without one. */
const hasReceipt = ({ channel = "copy" }: Receipt): boolean => channel === "copy"

/** Names the warning if it is in reach; otherwise shows the ids in the receipt. */
function Of({ receipt: { warning, artifact } }: { receipt: Receipt }) {
    const found = useWarnings().data?.warnings.find(({ id }) => id === warning)
    const name = found?.artifacts.find(({ id }) => id === artifact)?.name ?? null
    if (found === undefined) return <Short id={artifact} />
    return (
        <span className="stack">
            {name === null ? <Short id={artifact} /> : <strong>{name}</strong>}
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
