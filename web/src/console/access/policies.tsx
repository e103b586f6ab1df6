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
import { rich, t } from "../../messages/message.ts"

export const usePolicies = () => useRead("/api/policies")

export function Policies() {
    const policies = usePolicies()
    return (
        <Page
            title={t("Policy")}
            lead={t("The rules that decide which partner gets which artifact, and when.")}
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
                        <Empty title={t("No policy yet.")}>
                            {t("Partners get content only after a version is active.")}
                        </Empty>
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
            caption={t("Policy versions, newest first")}
            rows={policies}
            keyOf={(policy) => String(policy.version)}
            columns={[
                { name: t("Version"), cell: (policy) => policy.version },
                { name: t("Name"), cell: (policy) => <Link to={`/policy/${policy.version}`}>{policy.name}</Link> },
                { name: t("State"), cell: (policy) => <PolicyState policy={policy} /> },
                { name: t("Rules"), cell: (policy) => rulesOf(policy.text).length, end: true },
                { name: t("Written"), cell: (policy) => <When at={policy.createdAt} short /> },
                {
                    name: t("By"),
                    cell: ({ createdBy }) => (createdBy === null ? "Tocsin" : names.person(createdBy)),
                },
            ]}
        />
    )
}

export function PolicyState({ policy }: { policy: Policy }) {
    const since = policy.activations.at(-1)
    if (since === undefined) return <Badge>{t("draft")}</Badge>
    return (
        <span className="row">
            {policy.active ? <Badge tone="good">{t("active")}</Badge> : <Badge>{t("replaced")}</Badge>}
            <span className="muted">{rich("since {since}", { since: <When at={since.from} short /> })}</span>
        </span>
    )
}

function AddPolicy({ from }: { from: Policy | undefined }) {
    const navigate = useNavigate()
    return (
        <Opens
            button={t("New version…")}
            title={t("New policy version")}
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
