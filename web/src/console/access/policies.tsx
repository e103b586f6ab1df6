/** Policies: lists every version and its changes, and puts one in force. */
import { Link, useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useRead, writeTo } from "../api.ts"
import { Button, Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Policy, Preview } from "../answers.ts"
import { Differences } from "./differences.tsx"
import { RestrictByDuty } from "./duty-measures.tsx"
import { PolicyForm } from "./policy-form.tsx"
import { Replay } from "./replay.tsx"
import { TextDifference } from "../cases/text-difference.tsx"
import { TrialOf } from "./policy-test.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"

const usePolicies = () => useRead("/api/policies")

export function Policies() {
    const policies = usePolicies()
    return (
        <Page
            title="Policies"
            aside={
                <>
                    <RestrictByDuty />
                    {policies.data !== undefined && (
                        <AddPolicy from={policies.data.policies.find((policy) => policy.active)} />
                    )}
                </>
            }
        >
            <Loaded query={policies}>
                {({ policies }) =>
                    policies.length === 0 ? (
                        <Empty title="There is no policy: nobody gets anything." />
                    ) : (
                        <Table
                            caption="Policy versions, newest first"
                            rows={policies}
                            keyOf={(policy) => String(policy.version)}
                            columns={[
                                { name: "Version", cell: (policy) => policy.version, end: true },
                                {
                                    name: "Name",
                                    cell: (policy) => <Link to={`/policy/${policy.version}`}>{policy.name}</Link>,
                                },
                                { name: "Written", cell: (policy) => <When at={policy.createdAt} /> },
                                { name: "In force", cell: (policy) => <InForce policy={policy} /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

function InForce({ policy }: { policy: Policy }) {
    const since = policy.activations.at(-1)
    if (since === undefined) return <span className="muted">never in force</span>
    return (
        <span className="row">
            {policy.active ? <Badge tone="good">in force</Badge> : <Badge>replaced</Badge>}
            <span className="muted">
                since <When at={since.from} short />
            </span>
        </span>
    )
}

function AddPolicy({ from }: { from: Policy | undefined }) {
    const navigate = useNavigate()
    return (
        <Opens
            button="Write a version…"
            title="Write a policy version"
            wide
            disabledReason={useWhyNot()("policy:write")}
        >
            {(close) => (
                <PolicyForm
                    from={from ?? null}
                    onDone={(answer) => {
                        close()
                        void navigate({ to: `/policy/${answer.version}` })
                    }}
                />
            )}
        </Opens>
    )
}

export function PolicyScreen({ version }: { version: number }) {
    const policies = usePolicies()
    return (
        <Loaded query={policies}>
            {({ policies }) => {
                const item = policies.find((policy) => policy.version === version)
                if (item === undefined) return <Empty title="There is no such version." />
                return (
                    <Page
                        title={item.name}
                        lead={`Policy version ${version}`}
                        tabTitle="Policy"
                        path={[{ to: "/policy", name: "Policy" }]}
                        aside={<InForce policy={item} />}
                    >
                        {!item.active && <PreviewSection version={version} />}
                        <Section title="Rules">
                            <Rules policy={item} inForce={policies.find((policy) => policy.active)} />
                        </Section>
                        <Section title="Examples that it bears out">
                            <TrialOf text={item.text} examples={item.examples} />
                        </Section>
                        <Replay version={version} />
                    </Page>
                )
            }}
        </Loaded>
    )
}

/** Shows the text next to the version in force, with added and removed lines. */
function Rules({ policy, inForce }: { policy: Policy; inForce: Policy | undefined }) {
    const [whole, setWhole] = useState(policy.active)
    if (inForce === undefined || policy.active || whole) {
        return (
            <>
                {inForce !== undefined && !policy.active && (
                    <span className="row">
                        <Button onPress={() => setWhole(false)}>Beside version {inForce.version}</Button>
                    </span>
                )}
                <Reading label="Text of the rules" text={policy.text} />
            </>
        )
    }
    return (
        <>
            <span className="row">
                <span className="muted">Beside version {inForce.version}, which is in force.</span>
                <Button onPress={() => setWhole(true)}>The whole text</Button>
            </span>
            <TextDifference before={inForce.text} after={policy.text} />
        </>
    )
}

function PreviewSection({ version }: { version: number }) {
    const preview = useRead(`/api/policies/${version}/preview`)
    return (
        <Section title="What it would change">
            <Loaded query={preview}>
                {(found) => (
                    <>
                        <Activation preview={found} />
                        {found.differences.length === 0 ? (
                            <Empty title="Nothing changes for the partners and artifacts that are there now." />
                        ) : (
                            <Differences differences={found.differences} />
                        )}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Activation({ preview }: { preview: Preview }) {
    const disabledReason = useWhyNot()("policy:write")
    const path = `/api/policies/${preview.version}` as const
    const two = preview.peopleNeeded > 1
    return (
        <Notice tone={two ? "due" : "plain"}>
            <span>
                {two
                    ? "Somebody may gain by it, so a second person signs what changes."
                    : "Nobody gains by it, nor sooner: one person is enough, and it holds at once."}
            </span>
            {two ? (
                <Do look="main" disabledReason={disabledReason} write={writeTo("POST", `${path}/request-approval`)}>
                    Ask a second person
                </Do>
            ) : (
                <Do look="main" disabledReason={disabledReason} write={writeTo("POST", `${path}/activate`, {})}>
                    Put in force
                </Do>
            )}
        </Notice>
    )
}
