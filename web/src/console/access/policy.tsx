/** One policy version: who gains and who loses, its rules in words beside Cedar, its examples, and a replay. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { Policy, Preview } from "../answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { Differences } from "./differences.tsx"
import { PolicyState, usePolicies } from "./policies.tsx"
import { type RuleChange, compareRules, rulesOf } from "./policy-rules.ts"
import { TestResults } from "./policy-test.tsx"
import { Replay } from "./replay.tsx"
import { t } from "../../messages/message.ts"

export function PolicyScreen({ version }: { version: number }) {
    const policies = usePolicies()
    return (
        <Loaded query={policies}>
            {({ policies }) => {
                const policy = policies.find((item) => item.version === version)
                return policy === undefined ? (
                    <Page title={t("Policy not found")} path={[{ to: "/policy", name: t("Policy") }]}>
                        <Empty title={t("No policy has this version.")} />
                    </Page>
                ) : (
                    <PolicyPage policy={policy} active={policies.find((item) => item.active)} />
                )
            }}
        </Loaded>
    )
}

function PolicyPage({ policy, active }: { policy: Policy; active: Policy | undefined }) {
    const names = useNames()
    const preview = useRead(policy.active ? null : `/api/policies/${policy.version}/preview`)
    return (
        <Page
            title={policy.name}
            tabTitle={t("Policy")}
            path={[{ to: "/policy", name: t("Policy") }]}
            lead={
                <span className="row">
                    <span>{t("Policy {version}", { version: policy.version })}</span>
                    <PolicyState policy={policy} />
                    <span className="muted">
                        {t("written by {author}", {
                            author: policy.createdBy === null ? "Tocsin" : names.person(policy.createdBy),
                        })}
                    </span>
                </span>
            }
            aside={preview.data !== undefined && <Activation preview={preview.data} />}
        >
            {!policy.active && (
                <Section title={t("Who gains and who loses")}>
                    <Loaded query={preview}>{(found) => <Effects preview={found} />}</Loaded>
                </Section>
            )}
            <Rules policy={policy} active={active} />
            <Section title={t("Examples")}>
                <TestResults text={policy.text} examples={policy.examples} />
            </Section>
            <Replay version={policy.version} />
        </Page>
    )
}

function Activation({ preview: { version, peopleNeeded } }: { preview: Preview }) {
    const disabledReason = useWhyNot()("policy:write")
    const path = `/api/policies/${version}` as const
    return peopleNeeded > 1 ? (
        <Do look="main" disabledReason={disabledReason} write={writeTo("POST", `${path}/request-approval`)}>
            {t("Request approval")}
        </Do>
    ) : (
        <Do look="main" disabledReason={disabledReason} write={writeTo("POST", `${path}/activate`, {})}>
            {t("Activate")}
        </Do>
    )
}

/** Counts the partners that gain and lose, says how many people it takes, and lists the changes. */
function Effects({ preview: { differences, peopleNeeded } }: { preview: Preview }) {
    const partnersOf = (isLoss: boolean) =>
        new Set(
            differences
                .filter(({ change }) => (change === "narrower" || change === "later") === isLoss)
                .flatMap(({ partners }) => partners),
        ).size
    const [gaining, losing] = [partnersOf(false), partnersOf(true)]
    const decisions = differences.reduce((sum, { partners, artifacts }) => sum + partners.length * artifacts.length, 0)
    return (
        <>
            <div className="figures">
                <Figure value={gaining} name={gainText(gaining)} />
                <Figure value={losing} name={lossText(losing)} />
                <Figure
                    value={decisions}
                    name={t(
                        "{count, plural, one {decision changes, over all cases} other {decisions change, over all cases}}",
                        { count: decisions },
                    )}
                />
                <Figure
                    value={peopleNeeded}
                    name={
                        peopleNeeded > 1
                            ? t("people needed: a second person signs, because a partner gains")
                            : t("person is enough, because no partner gains")
                    }
                />
            </div>
            {differences.length === 0 ? (
                <Empty title={t("No decision changes for the current partners and artifacts.")} />
            ) : (
                <Differences differences={differences} />
            )}
        </>
    )
}

const gainText = (count: number): string =>
    t(
        "{count, plural, one {partner gains access, or gets it earlier} other {partners gain access, or get it earlier}}",
        { count },
    )

const lossText = (count: number): string =>
    t("{count, plural, one {partner loses access, or gets it later} other {partners lose access, or get it later}}", {
        count,
    })

/** A number, with what it counts below it. */
function Figure({ value, name }: { value: number; name: string }) {
    return (
        <div>
            <span className="v">{value}</span>
            <span className="k">{name}</span>
        </div>
    )
}

/** The rules in words beside their text. Against the active version, unchanged rules are folded. */
function Rules({ policy, active }: { policy: Policy; active: Policy | undefined }) {
    const rules = rulesOf(policy.text)
    if (active === undefined || policy.active)
        return (
            <Section title={t("Rules")} count={rules.length}>
                <RuleList changes={rules.map((rule) => ({ kind: "unchanged", rule }))} />
            </Section>
        )
    const changes = compareRules(rulesOf(active.text), rules)
    const changed = changes.filter(({ kind }) => kind !== "unchanged")
    const unchanged = changes.filter(({ kind }) => kind === "unchanged")
    return (
        <Section
            title={t("Rules")}
            count={rules.length}
            aside={<span>{t("compared with policy {version}, which is active", { version: active.version })}</span>}
        >
            {changed.length === 0 ? <Empty title={t("No rule differs.")} /> : <RuleList changes={changed} />}
            {unchanged.length > 0 && (
                <details className="folded">
                    <summary>{t("{count} unchanged", { count: unchanged.length })}</summary>
                    <RuleList changes={unchanged} />
                </details>
            )}
        </Section>
    )
}

const changeWords: Words<RuleChange["kind"]> = {
    added: { name: t("added"), tone: "good" },
    changed: { name: t("changed"), tone: "due" },
    removed: { name: t("removed"), tone: "bad" },
    unchanged: { name: t("unchanged"), tone: "plain" },
}

function RuleList({ changes }: { changes: readonly RuleChange[] }) {
    return (
        <ol className="panel rules">
            {changes.map(({ kind, rule }) => (
                <li key={`${kind} ${rule.id}`} className={kind}>
                    <div>
                        {kind !== "unchanged" && <Badge tone={changeWords[kind].tone}>{changeWords[kind].name}</Badge>}
                        <p>{rule.title === "" ? rule.id : rule.title}</p>
                        {rule.title !== "" && <code className="clause">{rule.id}</code>}
                    </div>
                    <pre>{rule.cedar}</pre>
                </li>
            ))}
        </ol>
    )
}
