/** Webhooks: the addresses of the partner's machines that Tocsin calls when there is something to fetch. For leads. */
import { useState } from "react"
import { addressLengthMax, readWebAddress } from "../../../../server/src/models/web-address.ts"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { type CallOutcome, webhooksMax } from "../../../../server/src/share/webhooks/webhook.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Once } from "../../kit/once.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Webhook } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"

export function WebhooksScreen() {
    const disabledReason = useWhyNot()("webhook:own")
    return (
        <Page title="Webhooks">
            {disabledReason === null ? <Own /> : <Empty title="For leads.">{disabledReason}.</Empty>}
        </Page>
    )
}

/** A new secret, and its address. */
type Given = { readonly to: string; readonly secret: string }

function Own() {
    const query = useRead("/api/webhooks")
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded query={query}>
            {({ webhooks }) => (
                <>
                    <Section title="What is called" aside={<Add count={webhooks.length} onSecret={setGiven} />}>
                        <p className="caution">
                            Your machine is called within seconds of what we also mail you about. A call says “poll” and
                            nothing else, and a test looks the same.
                        </p>
                        {given !== null && (
                            <Once
                                kind={`The secret by which ${given.to} knows our calls`}
                                secret={given.secret}
                                onClose={() => setGiven(null)}
                            />
                        )}
                        {webhooks.length === 0 && <Empty title="No webhook is registered yet." />}
                        {webhooks.map((webhook) => (
                            <One key={webhook.id} webhook={webhook} onSecret={setGiven} />
                        ))}
                    </Section>
                </>
            )}
        </Loaded>
    )
}

const outcomes: Readonly<Record<CallOutcome, string>> = {
    "2xx": "was taken (2xx)",
    "3xx": "was redirected (3xx), which is not followed",
    "4xx": "was refused (4xx)",
    "410": "was told that it is gone (410)",
    "5xx": "met a fault (5xx)",
    timeout: "had no answer in time",
    refused:
        "had no connection that we may use: not a public address, nobody there, or a certificate that does not fit",
}

function One({ webhook, onSecret }: { webhook: Webhook; onSecret: (given: Given) => void }) {
    return (
        <article className="card" aria-label={webhook.address}>
            <div className="card-head">
                <h3 className="hash">{webhook.address}</h3>
                <State webhook={webhook} />
            </div>
            <Told webhook={webhook} />
            <p>
                Each call is also signed as “v1a”, by this key: <code className="hash">{webhook.publicKey}</code>
            </p>
            <div className="row">
                <Acts on={webhook} onSecret={onSecret} />
            </div>
        </article>
    )
}

function State({ webhook: { disabledAt, failingSince, lastOutcome } }: { webhook: Webhook }) {
    if (disabledAt !== null) return <Badge tone="bad">disabled</Badge>
    if (failingSince !== null) return <Badge tone="due">fails</Badge>
    return lastOutcome === null ? <Badge>not called yet</Badge> : <Badge tone="good">works</Badge>
}

function Told({ webhook }: { webhook: Webhook }) {
    const { lastOutcome, lastAt, failingSince, disabledAt, previousUntil } = webhook
    return (
        <>
            {lastOutcome !== null && lastAt !== null && (
                <p>
                    The last call <When at={lastAt} short /> {outcomes[lastOutcome]}.
                </p>
            )}
            {disabledAt !== null && (
                <Notice tone="bad">
                    <span>
                        Nothing is sent there since <When at={disabledAt} short />. Put it right, and send again.
                    </span>
                </Notice>
            )}
            {disabledAt === null && failingSince !== null && (
                <p className="caution">
                    It fails since <When at={failingSince} short />, and is tried again. After five days it is disabled.
                </p>
            )}
            {previousUntil !== null && (
                <p className="muted">
                    Calls are signed with the secret before, too, until <When at={previousUntil} short />.
                </p>
            )}
        </>
    )
}

function Acts({ on, onSecret }: { on: Webhook; onSecret: (given: Given) => void }) {
    const { status } = useMe().partner
    const input = <span className="unseen">{on.address}</span>
    const path = `/api/webhooks/${on.id}` as const
    return (
        <>
            {hasCaseAccess(status) && (
                <>
                    {on.disabledAt === null && <Do write={writeTo("POST", `${path}/test`)}>Send a test {input}</Do>}
                    {on.lastOutcome !== null && (
                        <Do write={writeTo("POST", `${path}/redeliver`)}>Send again {input}</Do>
                    )}
                    <Rotate webhook={on} onSecret={onSecret} />
                </>
            )}
            <Remove webhook={on} />
        </>
    )
}

function Rotate({ webhook, onSecret }: { webhook: Webhook; onSecret: (given: Given) => void }) {
    const name = (
        <>
            New secret… <span className="unseen">{webhook.address}</span>
        </>
    )
    return (
        <Opens button={name} title="A new secret?">
            {(close) => (
                <>
                    <p>Calls are signed with both for 24 hours. Put the new one in place within that time.</p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/webhooks/${webhook.id}/rotate-secret`)}
                            onDone={(answer) => {
                                onSecret({ to: webhook.address, secret: answer.secret })
                                close()
                            }}
                        >
                            Make it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Remove({ webhook }: { webhook: Webhook }) {
    const name = (
        <>
            Delete… <span className="unseen">{webhook.address}</span>
        </>
    )
    return (
        <Opens button={name} title="Delete this webhook?">
            {(close) => (
                <>
                    <p>Nothing is sent there any more, and its secret is gone. Mail goes on as before.</p>
                    <code className="hash">{webhook.address}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/webhooks/${webhook.id}`)} onDone={close}>
                            Delete it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Add({ count, onSecret }: { count: number; onSecret: (given: Given) => void }) {
    const { status } = useMe().partner
    const [to, setTo] = useState("")
    const full = count >= webhooksMax ? `${webhooksMax} webhooks at most: delete one first` : null
    const closed = hasCaseAccess(status) ? null : `not while your organisation is ${status}`
    return (
        <FormDialog
            button="Add a webhook…"
            title="Add a webhook"
            submit="Add it"
            disabledReason={closed ?? full}
            requests={[
                {
                    name: "address",
                    label: "Address",
                    kind: "line",
                    hint: "https://… of a machine of yours: a public host, on the usual port.",
                    check: addressFault,
                },
            ]}
            write={({ address }) => {
                setTo(address.trim())
                return writeTo("POST", "/api/webhooks", { address: address.trim() })
            }}
            onDone={(answer) => onSecret({ to, secret: answer.secret })}
        />
    )
}

function addressFault(text: string): string | null {
    if (text.trim().length > addressLengthMax) return `${addressLengthMax} characters at most`
    return readWebAddress(text.trim()) === null
        ? "An https:// address of a public host, on port 443, with no name, password or fragment"
        : null
}
