/** Policies: every version, what each would change for whom, and putting one in force. */
import { Link, useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useRead } from "../kit/api.ts"
import { Button, Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import type { Policy, Preview } from "./answers.ts"
import { Differences } from "./differences.tsx"
import { RestrictByDuty } from "./duty-measures.tsx"
import { PolicyForm } from "./policy-form.tsx"
import { Replay } from "./replay.tsx"
import { TextDifference } from "./text-difference.tsx"
import { TrialOf } from "./trial.tsx"
import { useWhyNot } from "./viewer.tsx"

const usePolicies = () => useRead<{ policies: readonly Policy[] }>("/api/policies")

export function Policies() {
    const policies = usePolicies()
    return (
        <Page
            title="Policies"
            aside={
                <>
                    <RestrictByDuty />
                    {policies.data !== undefined && (
                        <AddPolicy from={policies.data.policies.find((one) => one.inForce)} />
                    )}
                </>
            }
        >
            <Loaded of={policies}>
                {({ policies: all }) =>
                    all.length === 0 ? (
                        <Empty title="There is no policy: nobody gets anything." />
                    ) : (
                        <Table
                            caption="Policy versions, newest first"
                            rows={all}
                            keyOf={(one) => String(one.version)}
                            columns={[
                                { name: "Version", cell: (one) => one.version, end: true },
                                {
                                    name: "Name",
                                    cell: (one) => <Link to={`/policies/${one.version}`}>{one.name}</Link>,
                                },
                                { name: "Written", cell: (one) => <When at={one.createdAt} /> },
                                { name: "In force", cell: (one) => <InForce of={one} /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

function InForce({ of }: { of: Policy }) {
    const since = of.activations.at(-1)
    if (since === undefined) return <span className="muted">never in force</span>
    return (
        <span className="row">
            {of.inForce ? <Badge tone="good">in force</Badge> : <Badge>replaced</Badge>}
            <span className="muted">
                since <When at={since.from} short />
            </span>
        </span>
    )
}

function AddPolicy({ from }: { from: Policy | undefined }) {
    const navigate = useNavigate()
    return (
        <Opens button="Write a version…" title="Write a policy version" wide not={useWhyNot()("policy:write")}>
            {(close) => (
                <PolicyForm
                    from={from ?? null}
                    onDone={(answer) => {
                        close()
                        void navigate({ to: `/policies/${(answer as { version: number }).version}` })
                    }}
                />
            )}
        </Opens>
    )
}

export function PolicyScreen({ version }: { version: number }) {
    const policies = usePolicies()
    return (
        <Loaded of={policies}>
            {({ policies: all }) => {
                const one = all.find((policy) => policy.version === version)
                if (one === undefined) return <Empty title="There is no such version." />
                return (
                    <Page title={one.name} kind={`Policy · version ${version}`} aside={<InForce of={one} />}>
                        {!one.inForce && <PreviewSection version={version} />}
                        <Section title="Rules">
                            <Rules of={one} inForce={all.find((policy) => policy.inForce)} />
                        </Section>
                        <Section title="Examples that it bears out">
                            <TrialOf text={one.text} examples={one.examples} />
                        </Section>
                        <Replay version={version} />
                    </Page>
                )
            }}
        </Loaded>
    )
}

/** Beside the version in force: what is new in the text, and what is gone. */
function Rules({ of, inForce }: { of: Policy; inForce: Policy | undefined }) {
    const [whole, setWhole] = useState(of.inForce)
    if (inForce === undefined || of.inForce || whole) {
        return (
            <>
                {inForce !== undefined && !of.inForce && (
                    <span className="row">
                        <Button onPress={() => setWhole(false)}>Beside version {inForce.version}</Button>
                    </span>
                )}
                <Reading label="Text of the rules" text={of.text} />
            </>
        )
    }
    return (
        <>
            <span className="row">
                <span className="muted">Beside version {inForce.version}, which is in force.</span>
                <Button onPress={() => setWhole(true)}>The whole text</Button>
            </span>
            <TextDifference before={inForce.text} after={of.text} />
        </>
    )
}

function PreviewSection({ version }: { version: number }) {
    const preview = useRead<Preview>(`/api/policies/${version}/preview`)
    return (
        <Section title="What it would change">
            <Loaded of={preview}>
                {(found) => (
                    <>
                        <Activation of={found} />
                        {found.differences.length === 0 ? (
                            <Empty title="Nothing changes for the partners and artifacts that are there now." />
                        ) : (
                            <Differences of={found.differences} />
                        )}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Activation({ of }: { of: Preview }) {
    const not = useWhyNot()("policy:write")
    const path = `/api/policies/${of.version}`
    const two = of.peopleNeeded > 1
    return (
        <Notice tone={two ? "due" : "plain"}>
            <span>
                {two
                    ? "Somebody may gain by it, so a second person signs what changes."
                    : "Nobody gains by it, nor sooner: one person is enough, and it holds at once."}
            </span>
            {two ? (
                <Do look="main" not={not} write={{ method: "POST", path: `${path}/request-approval` }}>
                    Ask a second person
                </Do>
            ) : (
                <Do look="main" not={not} write={{ method: "POST", path: `${path}/activate`, body: {} }}>
                    Put in force
                </Do>
            )}
        </Notice>
    )
}
