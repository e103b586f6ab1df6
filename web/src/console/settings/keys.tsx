/** The keys that the server holds, with their public fingerprints. No secret part leaves the server. */
import { type AnswerTo, useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { NamedCell } from "./named-cell.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { t } from "../../messages/message.ts"

type Key = AnswerTo<"/api/server-keys">["keys"][number]

const purposes: Readonly<Record<Key["purpose"], readonly [name: string, use: string]>> = {
    key_encryption: [t("Key file"), t("opens the root key, and so all other keys")],
    audit_log: [t("Audit log signature"), t("signs the checkpoints of the audit log")],
    receipt_log: [t("Receipt log signature"), t("signs the receipts that partners verify")],
    advisories: [t("Advisory signature"), t("signs published advisories and CSAF documents")],
    mail: [t("Mail signature"), t("signs mail to partners")],
    marks: [t("Mark secrets"), t("make the marks of every copy")],
    data: [t("Data keys"), t("encrypt cases, partners and staff data, one key for each")],
    hashes: [t("Hash keys"), t("make aliases, tokens and hashes")],
}

const places: Readonly<Record<Key["place"], string>> = {
    key_file: t("file outside the data folder"),
    derived: t("derived from the root key"),
    database: t("database, encrypted"),
}

export function KeysScreen() {
    const keys = useRead("/api/server-keys")
    return (
        <SettingsPage
            tab={t("Keys")}
            lead={t("The keys of the server. Fingerprints are public; secret parts never leave the server.")}
        >
            <Loaded query={keys}>{(answer) => <KeyTable keys={answer.keys} />}</Loaded>
        </SettingsPage>
    )
}

/** A former key of advisories needs no action: readers no longer get it after 90 days. */
const formerTone = ({ purpose }: Key) => (purpose === "advisories" ? "plain" : "due")

/** A log has a former key while two keys sign it; the newest is the last. */
function isFormerValid({ purpose, fingerprint, count }: Key, keys: readonly Key[]): boolean {
    if (purpose === "key_encryption") return count !== null && count > 1
    return keys.findLast((key) => key.purpose === purpose)?.fingerprint !== fingerprint
}

function KeyTable({ keys }: { keys: readonly Key[] }) {
    return (
        <Section title={t("Keys of the server")} count={keys.length}>
            <Table
                dense
                caption={t("Keys and their public fingerprints")}
                rows={keys}
                keyOf={({ purpose, fingerprint }) => `${purpose} ${fingerprint}`}
                columns={[
                    {
                        name: t("Key"),
                        cell: ({ purpose, fingerprint }) => <NamedCell names={purposes[purpose]} code={fingerprint} />,
                    },
                    { name: t("Algorithm"), cell: ({ algorithm }) => <span className="muted">{algorithm}</span> },
                    { name: t("Kept in"), cell: ({ place }) => <span className="muted">{places[place]}</span> },
                    {
                        name: t("In use since"),
                        cell: ({ since }) => (since === null ? "–" : <When at={since} short />),
                    },
                    { name: t("Count"), end: true, cell: ({ count }) => count ?? "–" },
                    {
                        name: t("State"),
                        end: true,
                        cell: (key) =>
                            isFormerValid(key, keys) ? (
                                <Badge tone={formerTone(key)}>{t("former key still valid")}</Badge>
                            ) : key.count === 0 ? (
                                <Badge>{t("not created")}</Badge>
                            ) : (
                                <Badge tone="good">{t("in use")}</Badge>
                            ),
                    },
                ]}
            />
            <p className="muted">
                {t(
                    "The server creates a missing key when it first needs it. Keep a copy of the key file in another place: without the key file, no data can be read.",
                )}
            </p>
        </Section>
    )
}
