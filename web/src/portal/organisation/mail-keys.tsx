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
import { Added, State, timesOf } from "./keys.tsx"
import { useMe, useWhyNot } from "../viewer.ts"

export function MailKeys() {
    const query = useRead("/api/mail-keys")
    return (
        <Section title="Mail keys" aside={<AddMailKey mailKeys={query.data?.keys ?? []} />}>
            <p className="caution">
                Notices have no content. With a usable OpenPGP key they are signed and encrypted. Without one they are
                sent in clear text, so that you still learn that there is something to fetch.
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
    if (keys.length === 0) return <Empty title="No mail keys yet. Mail is sent in clear text." />
    return (
        <>
            {!keys.some((key) => isUsable(timesOf(key), now)) && (
                <Notice tone="due">No usable mail key. Mail is sent in clear text.</Notice>
            )}
            <Table
                caption="Keys that mail is encrypted to"
                rows={keys}
                keyOf={(key) => key.id}
                columns={[
                    { name: "Fingerprint", cell: (key) => <Fingerprint mailKey={key} /> },
                    { name: "State", cell: (key) => <MailState mailKey={key} /> },
                    { name: "Actions", cell: (key) => <Revoke mailKey={key} />, end: true },
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
            <Badge tone="bad">failed</Badge> <When at={mailKey.failedAt} short />
        </span>
    )
}

function OperatorKey({ subject }: { subject: NonNullable<Answer["signedWith"]> }) {
    return (
        <>
            <p>The operator signs encrypted mail with this key. Compare its fingerprint:</p>
            <code className="hash">{subject.fingerprint}</code>
            <Opens button="Operator's key…" title="Signing key of the operator" wide>
                {() => <pre className="letter">{subject.publicText}</pre>}
            </Opens>
        </>
    )
}

function AddMailKey({ mailKeys }: { mailKeys: readonly MailKey[] }) {
    const now = parseInstant(useMe().now)
    const inUse = mailKeys.filter((key) => !isEnded(timesOf(key), now)).length
    const full = inUse >= keysMax ? `${keysMax} keys at most: revoke one first` : null
    const when =
        mailKeys.length === 0
            ? "Your first key is usable at once."
            : "It is usable after 24 hours, so that your people can see it and object."
    return (
        <FormDialog
            button="Add mail key…"
            title="Add OpenPGP key"
            submit="Add mail key"
            disabledReason={useWhyNot()("own:extend") ?? full}
            requests={[
                {
                    name: "key",
                    label: "Public key",
                    kind: "text",
                    hint: `An armoured public key of version 4, Ed25519 or RSA with 3072 bits or more. ${when}`,
                    check: publicKeyFault,
                },
            ]}
            write={({ key }) => writeTo("POST", "/api/mail-keys", { key: key.trim() })}
        />
    )
}

/** Returns the error in a public key. A private key never leaves the browser. */
function publicKeyFault(pasted: string): string | null {
    if (/PRIVATE KEY/.test(pasted)) return "this is a private key: keep it secret, and paste the public key"
    return /BEGIN PGP PUBLIC KEY/.test(pasted) ? null : "not an armoured OpenPGP public key"
}

function Revoke({ mailKey }: { mailKey: MailKey }) {
    const disabledReason = useWhyNot()("own:lead")
    if (mailKey.revokedAt !== null || disabledReason !== null) return null
    return (
        <Opens
            button={
                <>
                    Revoke… <span className="unseen">{mailKey.fingerprint}</span>
                </>
            }
            title="Revoke this mail key?"
        >
            {(close) => (
                <>
                    <p>No further mail is encrypted to this key. You cannot undo this.</p>
                    <code className="hash">{mailKey.fingerprint}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/mail-keys/${mailKey.id}`)} onDone={close}>
                            Revoke key
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
