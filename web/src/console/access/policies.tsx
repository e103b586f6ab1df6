/** The versions of the policy, newest first. */
import { Link, useNavigate } from "@tanstack/react-router"
import { useRead } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Policy } from "../answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { RestrictByDuty } from "./duty-measures.tsx"
import { PolicyForm } from "./policy-form.tsx"
import { rulesOf } from "./policy-rules.ts"

export const usePolicies = () => useRead("/api/policies")

export function Policies() {
    const policies = usePolicies()
    return (
        <Page
            title="Policy"
            lead="The rules that decide which partner gets which artifact, and when."
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
                        <Empty title="No policy yet.">Partners get content only after a version is active.</Empty>
                    ) : (
                        <PolicyTable policies={policies} />
                    )
                }
            </Loaded>
        </Page>
    )
}

function PolicyTable({ policies }: { policies: readonly Policy[] }) {
    const names = useNames()
    return (
        <Table
            caption="Policy versions, newest first"
            rows={policies}
            keyOf={(policy) => String(policy.version)}
            columns={[
                { name: "Version", cell: (policy) => policy.version },
                { name: "Name", cell: (policy) => <Link to={`/policy/${policy.version}`}>{policy.name}</Link> },
                { name: "State", cell: (policy) => <PolicyState policy={policy} /> },
                { name: "Rules", cell: (policy) => rulesOf(policy.text).length, end: true },
                { name: "Written", cell: (policy) => <When at={policy.createdAt} short /> },
                {
                    name: "By",
                    cell: ({ createdBy }) => (createdBy === null ? "Tocsin" : names.person(createdBy)),
                },
            ]}
        />
    )
}

export function PolicyState({ policy }: { policy: Policy }) {
    const since = policy.activations.at(-1)
    if (since === undefined) return <Badge>draft</Badge>
    return (
        <span className="row">
            {policy.active ? <Badge tone="good">active</Badge> : <Badge>replaced</Badge>}
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
            button="New version…"
            title="New policy version"
            look="main"
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
