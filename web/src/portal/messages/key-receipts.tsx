/** The changes of this partner's keys; each has a receipt that can be saved as a file. */
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../kit/table.tsx"
import { rich, t, valueText } from "../../messages/message.ts"
import type { KeyChange } from "../answers.ts"
import { useRead } from "../api.ts"
import { useNameOf } from "../viewer.ts"
import { type ReceiptFormat, SaveReceipt } from "./save-receipt.tsx"

export function KeyReceipts({ format }: { format: ReceiptFormat }) {
    const keys = useRead("/api/keys")
    return (
        <Section title={t("Changes of your keys")}>
            <p className="soft">
                {rich(
                    "<command>tocsin keys list</command> checks that these receipts and the keys under Organisation agree.",
                    { command: (text) => <code className="code">{text}</code> },
                )}
            </p>
            <Loaded query={keys}>
                {({ changes }) =>
                    changes.length === 0 ? (
                        <Empty title={t("No changes yet.")}>{t("They appear here after a lead adds a key.")}</Empty>
                    ) : (
                        <ChangeTable changes={changes} format={format} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function ChangeTable({ changes, format }: { changes: readonly KeyChange[]; format: ReceiptFormat }) {
    const nameOf = useNameOf()
    return (
        <Table
            caption={t("Changes of your keys, newest first")}
            rows={changes.toReversed()}
            dense
            keyOf={({ receipt }) => receipt}
            columns={[
                { name: t("Recipient"), cell: ({ recipient }) => <Short id={recipient} length={20} /> },
                { name: t("Action"), cell: (change) => <Action change={change} changes={changes} /> },
                { name: t("Usable from"), cell: ({ usableFrom }) => <When at={usableFrom} short /> },
                { name: t("Expires"), cell: ({ expiresAt }) => <When at={expiresAt} short /> },
                { name: t("Time"), cell: ({ at }) => <When at={at} short /> },
                { name: t("By"), cell: ({ person }) => (person === null ? t("the operator") : nameOf(person)) },
                {
                    name: t("Proof"),
                    cell: ({ receipt, kind, at }) => <SaveReceipt id={receipt} kind={kind} at={at} format={format} />,
                    end: true,
                },
            ]}
        />
    )
}

/** What happened, and by which key or approval. */
function Action({ change, changes }: { change: KeyChange; changes: readonly KeyChange[] }) {
    const older = changes.find(({ key }) => key === change.confirmedBy)
    return (
        <>
            <Badge tone={change.kind === "key_revoked" ? "plain" : "good"}>{valueText(change.kind)}</Badge>
            {change.kind === "key_confirmed" && older !== undefined && (
                <span className="muted block">
                    {rich("confirmed by {key}", { key: <Short id={older.recipient} length={16} /> })}
                </span>
            )}
            {change.approval !== null && (
                <span className="muted block">{rich("approval {id}", { id: <Short id={change.approval} /> })}</span>
            )}
        </>
    )
}
