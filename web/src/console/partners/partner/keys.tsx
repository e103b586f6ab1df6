/** A partner's keys: for copies and for mail, and its acceptances of the agreement. */
import { When } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section, Short, Table } from "../../../kit/table.tsx"
import { nameOr } from "../../../kit/text.ts"
import type { Key, Partner } from "../../answers.ts"
import { AcceptKey } from "./accept-key.tsx"
import { rich, t } from "../../../messages/message.ts"

const memberName = (partner: Partner, id: string): string =>
    nameOr(partner.roster.find((member) => member.id === id)?.name, "person", false)

export function PartnerKeys({ partner }: { partner: Partner }) {
    return (
        <>
            <Section title={t("Keys")}>
                {partner.keys.length === 0 ? (
                    <Empty title={t("No keys yet.")}>{t("Copies cannot be sealed until a lead adds a key.")}</Empty>
                ) : (
                    <KeysTable partner={partner} />
                )}
                <MailKeys partner={partner} />
            </Section>
            <Acceptances partner={partner} />
        </>
    )
}

function KeysTable({ partner }: { partner: Partner }) {
    return (
        <Table
            caption={t("Keys of this partner")}
            rows={partner.keys}
            keyOf={(key) => key.id}
            columns={[
                { name: t("Recipient"), cell: (key) => <Short id={key.recipient} length={16} /> },
                { name: t("Added by"), cell: (key) => memberName(partner, key.addedBy) },
                {
                    name: t("Usable from"),
                    cell: (key) => (
                        <>
                            {key.usableFrom === null ? (
                                <Badge tone="due">{t("waiting")}</Badge>
                            ) : (
                                <When at={key.usableFrom} short />
                            )}{" "}
                            <Confirmed partner={partner} subject={key} />
                            {key.acceptedAt !== null && <Badge>{t("accepted")}</Badge>}
                            <AcceptKey partner={partner} subject={key} />
                        </>
                    ),
                },
                {
                    name: t("Ends"),
                    cell: (key) =>
                        key.revokedAt === null ? (
                            <When at={key.expiresAt} short />
                        ) : (
                            <>
                                <Badge tone="bad">{t("revoked")}</Badge> <When at={key.revokedAt} short />
                            </>
                        ),
                },
                {
                    name: t("Tested"),
                    cell: (key) =>
                        key.testedAt === null ? (
                            <Badge tone="due">{t("untested")}</Badge>
                        ) : (
                            <When at={key.testedAt} short />
                        ),
                },
            ]}
        />
    )
}

/** Shows which key of the partner confirmed a key. */
function Confirmed({ partner, subject }: { partner: Partner; subject: Key }) {
    const older = partner.keys.find(({ id }) => id === subject.confirmedBy)
    if (older === undefined) return null
    return (
        <span className="muted block">
            {rich("confirmed by {key}", { key: <Short id={older.recipient} length={16} /> })}
        </span>
    )
}

/** Shows the keys that the partner's mail is encrypted to. */
function MailKeys({ partner }: { partner: Partner }) {
    if (partner.mailKeys.length === 0)
        return <p className="muted">{t("Mail to this partner is not encrypted: it has no OpenPGP key.")}</p>
    return (
        <Table
            caption={t("OpenPGP keys for mail")}
            rows={partner.mailKeys}
            keyOf={(key) => key.id}
            columns={[
                { name: t("OpenPGP key for mail"), cell: (key) => <Short id={key.fingerprint} length={24} /> },
                { name: t("Added by"), cell: (key) => memberName(partner, key.addedBy) },
                { name: t("Usable from"), cell: (key) => <When at={key.usableFrom} short /> },
                { name: t("Ends"), cell: (key) => <When at={key.expiresAt} short /> },
                {
                    name: t("Revoked"),
                    cell: (key) => (key.revokedAt === null ? t("no") : <When at={key.revokedAt} short />),
                },
                {
                    name: t("Failed"),
                    cell: (key) => (key.failedAt === null ? t("no") : <When at={key.failedAt} short />),
                },
            ]}
        />
    )
}

function Acceptances({ partner }: { partner: Partner }) {
    return (
        <Section title={t("Agreement")}>
            {partner.acceptances.length === 0 ? (
                <Empty title={t("No agreement accepted yet.")}>
                    {t("Partners get content only after a lead accepts one.")}
                </Empty>
            ) : (
                <Table
                    caption={t("Accepted versions of the agreement, newest first")}
                    rows={partner.acceptances.toReversed()}
                    keyOf={({ version, at }) => `${version} ${at}`}
                    columns={[
                        { name: t("Version"), cell: ({ version }) => version },
                        { name: t("Accepted by"), cell: ({ person }) => memberName(partner, person) },
                        { name: t("Accepted"), cell: ({ at }) => <When at={at} short /> },
                        {
                            name: t("Ends"),
                            cell: ({ endsAt }) =>
                                endsAt === null ? t("with the next version") : <When at={endsAt} short />,
                        },
                    ]}
                />
            )}
        </Section>
    )
}
