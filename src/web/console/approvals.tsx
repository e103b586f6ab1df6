/** Approvals: the effects in words, who asked, the second person's signature over their hash, and what came of it. */
import { useState } from "react"
import type { WaveTier } from "../../share/waves/wave.ts"
import { linkOf } from "../kit/access.tsx"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Once } from "../kit/once.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import { AlternativesToSign } from "./alternatives.tsx"
import type { Approval, Approvals } from "./answers.ts"
import { CarryOut } from "./carrying.tsx"
import { type Given, GivenToExpert } from "./expert.tsx"
import { EffectsInWords, detailOf } from "./effects.tsx"
import { PublicText } from "./public-text.tsx"
import { SignedChange } from "./signed-change.tsx"
import { useMe, useWhyNot } from "./viewer.tsx"
import { actNames, approvalWords, tierNames, voidWords } from "./words.ts"

export function useApprovals() {
    return useRead<Approvals>("/api/approvals")
}

const nameOf = ({ act }: Approval): string => actNames[act] ?? act

export function ApprovalSections() {
    const approvals = useApprovals()
    const [link, setLink] = useState<string | null>(null)
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded of={approvals}>
            {({ pending, recent }) => {
                const signed = recent.filter(({ state, act }) => state === "signed" && act !== "wave.release")
                const over = recent.filter(({ state }) => state === "used" || state === "voided" || state === "expired")
                return (
                    <>
                        <Section title="Waiting for a second signature">
                            {pending.length === 0 && <Empty title="No approvals wait for a signature." />}
                            {pending.map((one) => (
                                <ApprovalCard key={one.id} of={one} />
                            ))}
                        </Section>
                        {link !== null && (
                            <Once what="The person's sign-in link" secret={link} onClose={() => setLink(null)} />
                        )}
                        {given !== null && <GivenToExpert given={given} onClose={() => setGiven(null)} />}
                        {signed.length > 0 && (
                            <Section title="Signed, to apply">
                                {signed.map((one) => (
                                    <SignedCard
                                        key={one.id}
                                        of={one}
                                        onSecret={(secret) => setLink(linkOf(secret))}
                                        onGiven={setGiven}
                                    />
                                ))}
                            </Section>
                        )}
                        {over.length > 0 && <Over of={over} />}
                    </>
                )
            }}
        </Loaded>
    )
}

/** Signed where it can be read: in its inquiry. */
const readElsewhere: ReadonlySet<string> = new Set([
    "finding.confirm",
    "tracing_instruction.activate",
    "tracing_instruction.extend",
])

export function ApprovalCard({ of }: { of: Approval }) {
    return (
        <article className="card" aria-label={nameOf(of)}>
            <div className="card-head">
                <h3>{nameOf(of)}</h3>
                <span className="muted">
                    asked by {of.requestedBy.name}, <When at={of.requestedAt} short />
                    {of.lapsesAt !== null && (
                        <>
                            ; lapses unsigned <When at={of.lapsesAt} short />
                        </>
                    )}
                </span>
            </div>
            <EffectsInWords of={of} />
            <div className="row end">
                <TakeBack of={of} />
                {!readElsewhere.has(of.act) && <SignDialog of={of} />}
            </div>
        </article>
    )
}

export function TakeBack({ of }: { of: Approval }) {
    const mine = useMe().id === of.requestedBy.id
    const not = useWhyNot()("approval:void")
    return (
        <Do look="quiet" not={not} write={{ method: "DELETE", path: `/api/approvals/${of.id}` }}>
            {mine ? "Withdraw" : "Turn down"}
        </Do>
    )
}

export function SignDialog({ of }: { of: Approval }) {
    const me = useMe()
    const lacks = useWhyNot()("approval:sign")
    const why = of.requestedBy.id === me.id ? "whoever asks cannot sign" : "an author or a related person cannot sign"
    const not = of.maySign ? null : (lacks ?? why)
    return (
        <Opens
            button="Sign…"
            title={`Sign: ${nameOf(of)}`}
            look="main"
            wide
            not={not}
            foot={(close) => (
                <Do
                    look="main"
                    write={{
                        method: "POST",
                        path: `/api/approvals/${of.id}/sign`,
                        body: { effectsHash: of.effectsHash },
                    }}
                    onDone={close}
                >
                    Sign as {me.name}
                </Do>
            )}
        >
            {() => (
                <>
                    <EffectsInWords of={of} />
                    <SignedChange of={of} />
                    <AlternativesToSign of={of} />
                    <PublicText of={of} />
                    <p>
                        You sign these effects, and nothing wider or earlier. Their hash, which goes on record with your
                        name:
                    </p>
                    <code className="hash">{of.effectsHash}</code>
                </>
            )}
        </Opens>
    )
}

interface SignedProps {
    of: Approval
    onSecret: (secret: string) => void
    onGiven?: ((given: Given) => void) | undefined
}

export function SignedCard({ of, onSecret, onGiven }: SignedProps) {
    return (
        <article className="card" aria-label={nameOf(of)}>
            <div className="card-head">
                <h3>{nameOf(of)}</h3>
                <span className="muted">
                    asked by {of.requestedBy.name}, signed by {of.signedBy?.name}
                    {of.lapsesAt !== null && (
                        <>
                            ; to be applied before <When at={of.lapsesAt} short />
                        </>
                    )}
                </span>
            </div>
            <EffectsInWords of={of} />
            <div className="row end">
                <TakeBack of={of} />
                <CarryOut of={of} onSecret={onSecret} onGiven={onGiven} />
            </div>
        </article>
    )
}

/** What is over, and how it ended: an expired request has to be asked for again where it was asked for. */
function Over({ of }: { of: readonly Approval[] }) {
    return (
        <Section title="Approvals that are over">
            <Table
                tall
                caption="Approvals that are over, newest first"
                rows={of}
                keyOf={(one) => one.id}
                columns={[
                    { name: "What", cell: (one) => <What of={one} /> },
                    { name: "Asked", cell: (one) => <When at={one.requestedAt} short /> },
                    { name: "By", cell: (one) => one.requestedBy.name },
                    { name: "Signed by", cell: (one) => one.signedBy?.name ?? <span className="muted">nobody</span> },
                    {
                        name: "State",
                        cell: (one) => <Ended of={one} />,
                    },
                    { name: "Effects", cell: (one) => <Effects of={one} />, end: true },
                ]}
            />
        </Section>
    )
}

function Ended({ of: { state, voidReason, signedBy } }: { of: Approval }) {
    const { tone, name } = approvalWords[state]
    const lapsed = state === "expired" && signedBy !== null
    return (
        <span className="stack">
            <Badge tone={tone}>{lapsed ? "not applied in time" : name}</Badge>
            {voidReason !== null && <span className="muted">{voidWords[voidReason]}</span>}
        </span>
    )
}

/** Several waves of a case are asked for in a row: which one it was is not left to the effects. */
function What({ of }: { of: Approval }) {
    const { tier } = detailOf(of)
    const isOfWave = of.act.startsWith("wave.") && typeof tier === "string"
    return (
        <>
            <strong>{nameOf(of)}</strong>{" "}
            {isOfWave && <span className="muted">{tierNames[tier as WaveTier] ?? tier}</span>}
        </>
    )
}

function Effects({ of }: { of: Approval }) {
    return (
        <Opens button="Read…" title={nameOf(of)} look="quiet">
            {() => <EffectsInWords of={of} />}
        </Opens>
    )
}
