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

export function Machines() {
    const disabledReason = useWhyNot()("webhook:own")
    return (
        <Page title="Organisation" tabTitle="Machines">
            {disabledReason === null ? (
                <Webhooks />
            ) : (
                <Empty title="Only leads see machines.">Ask a lead of your organisation.</Empty>
            )}
        </Page>
    )
}

/** A new secret, and its address. */
type Given = { readonly to: string; readonly secret: string }

function Webhooks() {
    const query = useRead("/api/webhooks")
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded query={query}>
            {({ webhooks }) => (
                <>
                    <Section
                        title="Webhooks"
                        count={webhooks.length}
                        aside={<Add count={webhooks.length} onSecret={setGiven} />}
                    >
                        <p className="caution">
                            Tocsin calls your machine within seconds of each notice. A call has no content: it only says
                            “poll”. A test call looks the same.
                        </p>
                        {given !== null && (
                            <Once
                                kind={`Secret that signs the calls to ${given.to}`}
                                secret={given.secret}
                                onClose={() => setGiven(null)}
                            />
                        )}
                        {webhooks.length === 0 && (
                            <Empty title="No webhooks yet.">Add an https address of one of your machines.</Empty>
                        )}
                        {webhooks.map((webhook) => (
                            <OneWebhook key={webhook.id} webhook={webhook} onSecret={setGiven} />
                        ))}
                    </Section>
                </>
            )}
        </Loaded>
    )
}

const outcomes: Readonly<Record<CallOutcome, string>> = {
    "2xx": "succeeded (2xx)",
    "3xx": "got a redirect (3xx), which Tocsin does not follow",
    "4xx": "was refused (4xx)",
    "410": "was refused permanently (410)",
    "5xx": "failed with a server error (5xx)",
    timeout: "got no answer in time",
    refused: "could not connect: no public address, no listener, or a wrong certificate",
}

function OneWebhook({ webhook, onSecret }: { webhook: Webhook; onSecret: (given: Given) => void }) {
    return (
        <article className="card" aria-label={webhook.address}>
            <div className="card-head">
                <h3 className="hash">{webhook.address}</h3>
                <State webhook={webhook} />
            </div>
            <LastCall webhook={webhook} />
            <p>
                Calls are also signed with this key (“v1a”): <code className="hash">{webhook.publicKey}</code>
            </p>
            <div className="row">
                <Actions on={webhook} onSecret={onSecret} />
            </div>
        </article>
    )
}

function State({ webhook: { disabledAt, failingSince, lastOutcome } }: { webhook: Webhook }) {
    if (disabledAt !== null) return <Badge tone="bad">disabled</Badge>
    if (failingSince !== null) return <Badge tone="due">failing</Badge>
    return lastOutcome === null ? <Badge>not called yet</Badge> : <Badge tone="good">works</Badge>
}

function LastCall({ webhook }: { webhook: Webhook }) {
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
                        Disabled since <When at={disabledAt} short />. Repair your machine, then send again.
                    </span>
                </Notice>
            )}
            {disabledAt === null && failingSince !== null && (
                <p className="caution">
                    Failing since <When at={failingSince} short />. Tocsin tries again, and disables the webhook after
                    five days.
                </p>
            )}
            {previousUntil !== null && (
                <p className="muted">
                    The previous secret also signs calls until <When at={previousUntil} short />.
                </p>
            )}
        </>
    )
}

function Actions({ on, onSecret }: { on: Webhook; onSecret: (given: Given) => void }) {
    const { status } = useMe().partner
    const input = <span className="unseen">{on.address}</span>
    const path = `/api/webhooks/${on.id}` as const
    return (
        <>
            {hasCaseAccess(status) && (
                <>
                    {on.disabledAt === null && <Do write={writeTo("POST", `${path}/test`)}>Send test {input}</Do>}
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
        <Opens button={name} title="Create a new secret?">
            {(close) => (
                <>
                    <p>Both secrets sign calls for 24 hours. Install the new one within that time.</p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/webhooks/${webhook.id}/rotate-secret`)}
                            onDone={(answer) => {
                                onSecret({ to: webhook.address, secret: answer.secret })
                                close()
                            }}
                        >
                            Create secret
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
                    <p>Tocsin no longer calls this address. Mail continues. You cannot undo this.</p>
                    <code className="hash">{webhook.address}</code>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/webhooks/${webhook.id}`)} onDone={close}>
                            Delete webhook
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
    const closed = hasCaseAccess(status) ? null : `not possible while your organisation is ${status}`
    return (
        <FormDialog
            button="Add webhook…"
            title="Add webhook"
            submit="Add webhook"
            disabledReason={closed ?? full}
            requests={[
                {
                    name: "address",
                    label: "Address",
                    kind: "line",
                    hint: "For example https://hooks.example.org/tocsin: a public host on port 443.",
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
        ? "enter an https:// address of a public host on port 443, without user name, password or fragment"
        : null
}
