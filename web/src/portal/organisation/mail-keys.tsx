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
        <Section title="Keys for mail" aside={<AddMailKey mailKeys={query.data?.keys ?? []} />}>
            <p className="caution">
                Mail is the same for everything and says nothing of any case. To a partner with an OpenPGP key it goes
                signed and encrypted; where no key is usable it goes in clear, so that you still learn that there is
                something.
            </p>
            <Loaded query={query}>
                {({ keys, signedWith }) => (
                    <>
                        <Known keys={keys} />
                        {signedWith !== null && <Ours subject={signedWith} />}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Known({ keys }: { keys: readonly MailKey[] }) {
    const now = parseInstant(useMe().now)
    if (keys.length === 0) return <Empty title="No key for mail is registered: mail goes in clear." />
    return (
        <>
            {!keys.some((key) => isUsable(timesOf(key), now)) && (
                <Notice tone="due">No key for mail is usable now: mail goes in clear.</Notice>
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

function Ours({ subject }: { subject: NonNullable<Answer["signedWith"]> }) {
    return (
        <>
            <p>Encrypted mail is signed with our key. Take it from here, and compare its fingerprint:</p>
            <code className="hash">{subject.fingerprint}</code>
            <Opens button="Our key…" title="The key that mail is signed with" wide>
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
            : "It is usable after 24 hours, so that your other persons can see it and object."
    return (
        <FormDialog
            button="Add a key for mail…"
            title="Add an OpenPGP public key"
            submit="Add it"
            disabledReason={useWhyNot()("own:extend") ?? full}
            requests={[
                {
                    name: "key",
                    label: "Public key",
                    kind: "text",
                    hint: `Armoured, of version 4, with Ed25519 or RSA of 3072 bits or more. ${when}`,
                    check: publicKeyFault,
                },
            ]}
            write={({ key }) => writeTo("POST", "/api/mail-keys", { key: key.trim() })}
        />
    )
}

/** Returns the error in a public key. A private key never leaves the browser. */
function publicKeyFault(pasted: string): string | null {
    if (/PRIVATE KEY/.test(pasted)) return "that is the secret half: keep it to yourself, and paste the public one"
    return /BEGIN PGP PUBLIC KEY/.test(pasted) ? null : "that is no armoured OpenPGP public key"
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
            title="Revoke this key for mail?"
        >
            {(close) => (
                <>
                    <p>Nothing more is encrypted to it, and it cannot come back.</p>
                    <code className="hash">{mailKey.fingerprint}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/mail-keys/${mailKey.id}`)} onDone={close}>
                            Revoke it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
