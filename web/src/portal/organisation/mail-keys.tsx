/** The OpenPGP keys that encrypt the partner's mail, and the operator's signing key. */
import { parseInstant } from "@tocsin/base/instant"
import { isEnded, isUsable, keysMax } from "../../../../server/src/trust/partners/keys/key.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { MailKey, MailKeys as Answer } from "../answers.ts"
import { timesOf } from "./key-state.ts"
import { Added, State } from "./keys.tsx"
import { useMe, useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

export function MailKeys() {
    const query = useRead("/api/mail-keys")
    return (
        <Section title={t("Mail keys")} aside={<AddMailKey mailKeys={query.data?.keys ?? []} />}>
            <p className="caution">
                {t(
                    "Notices have no content. With a usable OpenPGP key they are signed and encrypted. Without one they are sent in clear text, so that you still learn that there is something to fetch.",
                )}
            </p>
            <Loaded query={query}>
                {({ keys, signedWith }) => (
                    <>
                        <Known keys={keys} />
                        {signedWith !== null && <OperatorKey subject={signedWith} />}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Known({ keys }: { keys: readonly MailKey[] }) {
    const now = parseInstant(useMe().now)
    if (keys.length === 0) return <Empty title={t("No mail keys yet. Mail is sent in clear text.")} />
    return (
        <>
            {!keys.some((key) => isUsable(timesOf(key), now)) && (
                <Notice tone="due">{t("No usable mail key. Mail is sent in clear text.")}</Notice>
            )}
            <Table
                caption={t("Keys that mail is encrypted to")}
                rows={keys}
                keyOf={(key) => key.id}
                columns={[
                    { name: t("Fingerprint"), cell: (key) => <Fingerprint mailKey={key} /> },
                    { name: t("State"), cell: (key) => <MailState mailKey={key} /> },
                    { name: t("Actions"), cell: (key) => <Revoke mailKey={key} />, end: true },
                ]}
            />
        </>
    )
}

function Fingerprint({ mailKey }: { mailKey: MailKey }) {
    return (
        <>
            <code className="hash">{mailKey.fingerprint}</code>
            <Added times={mailKey} />
        </>
    )
}

function MailState({ mailKey }: { mailKey: MailKey }) {
    if (mailKey.failedAt === null || mailKey.revokedAt !== null) return <State times={mailKey} />
    return (
        <span className="row">
            <Badge tone="bad">{t("failed")}</Badge> <When at={mailKey.failedAt} short />
        </span>
    )
}

function OperatorKey({ subject }: { subject: NonNullable<Answer["signedWith"]> }) {
    return (
        <>
            <p>{t("The operator signs encrypted mail with this key. Compare its fingerprint:")}</p>
            <code className="hash">{subject.fingerprint}</code>
            <Opens button={t("Operator's key…")} title={t("Signing key of the operator")} wide>
                {() => <pre className="letter">{subject.publicText}</pre>}
            </Opens>
        </>
    )
}

function AddMailKey({ mailKeys }: { mailKeys: readonly MailKey[] }) {
    const now = parseInstant(useMe().now)
    const inUse = mailKeys.filter((key) => !isEnded(timesOf(key), now)).length
    const full = inUse >= keysMax ? t("{max} keys at most: revoke one first", { max: keysMax }) : null
    const hint =
        mailKeys.length === 0
            ? t(
                  "An armoured public key of version 4, Ed25519 or RSA with 3072 bits or more. Your first key is usable at once.",
              )
            : t(
                  "An armoured public key of version 4, Ed25519 or RSA with 3072 bits or more. It is usable after 24 hours, so that your people can see it and object.",
              )
    return (
        <FormDialog
            button={t("Add mail key…")}
            title={t("Add OpenPGP key")}
            submit={t("Add mail key")}
            disabledReason={useWhyNot()("own:extend") ?? full}
            requests={[
                {
                    name: "key",
                    label: t("Public key"),
                    kind: "text",
                    hint,
                    check: publicKeyFault,
                },
            ]}
            write={({ key }) => writeTo("POST", "/api/mail-keys", { key: key.trim() })}
        />
    )
}

/** Returns the error in a public key. A private key never leaves the browser. */
function publicKeyFault(pasted: string): string | null {
    if (/PRIVATE KEY/.test(pasted)) return t("this is a private key: keep it secret, and paste the public key")
    return /BEGIN PGP PUBLIC KEY/.test(pasted) ? null : t("not an armoured OpenPGP public key")
}

function Revoke({ mailKey }: { mailKey: MailKey }) {
    const disabledReason = useWhyNot()("own:lead")
    if (mailKey.revokedAt !== null || disabledReason !== null) return null
    return (
        <Opens
            button={
                <>
                    {rich("Revoke… {fingerprint}", {
                        fingerprint: <span className="unseen">{mailKey.fingerprint}</span>,
                    })}
                </>
            }
            title={t("Revoke this mail key?")}
        >
            {(close) => (
                <>
                    <p>{t("No further mail is encrypted to this key. You cannot undo this.")}</p>
                    <code className="hash">{mailKey.fingerprint}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/mail-keys/${mailKey.id}`)} onDone={close}>
                            {t("Revoke key")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
