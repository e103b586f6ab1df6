/** The copies of a warning: what each is, whether it was fetched, and opening or saving it. */
import { useState } from "react"
import { valueText } from "@tocsin/base/value-text"
import { type ArtifactClass, artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { Button } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Icon, type IconName } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Empty, Failed } from "../../../kit/notice.tsx"
import { Badge, Label, Section } from "../../../kit/table.tsx"
import { partName, type Part, type Warning } from "../../answers.ts"
import { useMe, useWhyNot } from "../../viewer.ts"
import { availableParts, unfetched } from "../inbox.ts"
import { MispWindow } from "./misp.tsx"
import type { Copies } from "./open-copies.ts"
import { forgetIdentity, useVault } from "./vault.ts"

const classes: Readonly<Record<ArtifactClass, { readonly icon: IconName; readonly text: string }>> = {
    summary: { icon: "file", text: "General description" },
    technical: { icon: "file", text: "Root cause and reach" },
    guidance: { icon: "shield", text: "Detection and protection" },
    indicators: { icon: "hash", text: "Indicators" },
    rules: { icon: "code", text: "Detection rule" },
    repro: { icon: "play", text: "Steps to reproduce" },
    poc: { icon: "play", text: "Proof of concept" },
    patch: { icon: "check", text: "Fixed versions" },
}

export const classText = (kind: ArtifactClass): string => classes[kind].text

export const byClass = (parts: readonly Part[]): Part[] =>
    parts.toSorted((a, b) => artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class))

export function CopiesSection({ warning, copies }: { warning: Warning; copies: Copies }) {
    const parts = byClass(availableParts(warning))
    const { name } = useMe().partner
    return (
        <Section title="Your copies" count={parts.length} aside={<More warning={warning} copies={copies} />}>
            {parts.length === 0 ? (
                <Empty title="You have no access to these artifacts yet.">
                    Copies appear here when a wave for your tier is released.
                </Empty>
            ) : (
                <>
                    <ul className="panel list copies">
                        {parts.map((part) => (
                            <Row key={part.id} part={part} copies={copies} />
                        ))}
                    </ul>
                    <Failed error={copies.asked.length === 0 ? copies.error : null} />
                    <p className="small muted">
                        Marked for {name} and sealed to your keys. Your browser decrypts them. Each fetch is recorded.
                    </p>
                </>
            )}
        </Section>
    )
}

function Row({ part, copies }: { part: Part; copies: Copies }) {
    const { icon, text } = classes[part.class]
    const name = partName(part)
    const disabledReason = useWhyNot()("copy:read")
    return (
        <li>
            <span className={part.tlp === "RED" ? "square bad" : "square"}>
                <Icon name={icon} />
            </span>
            <div className="grow">
                <div className="title">{part.name ?? valueText(part.class)}</div>
                <div className="why">
                    {text}, version {part.version}
                    <Status part={part} />
                </div>
            </div>
            <Superseded part={part} />
            <Label scheme="TLP" value={part.tlp} />
            <Button disabledReason={disabledReason} onPress={() => copies.open([part])}>
                Open <span className="unseen">{name}</span>
            </Button>
            <Button
                look="quiet"
                label={`Save ${name} sealed`}
                disabledReason={disabledReason}
                onPress={() => copies.saveSealed([part])}
            >
                <Icon name="download" />
            </Button>
        </li>
    )
}

function Status({ part: { fetchedAt, acknowledgedAt } }: { part: Part }) {
    if (acknowledgedAt !== null) {
        return (
            <>
                , acknowledged <When at={acknowledgedAt} short />
            </>
        )
    }
    if (fetchedAt === null) return ", not fetched"
    return (
        <>
            , fetched <When at={fetchedAt} short />
        </>
    )
}

function Superseded({ part: { holds } }: { part: Part }) {
    const old = holds.filter(({ superseded }) => superseded).map(({ version }) => version)
    return old.length === 0 ? null : <Badge tone="due">your version {old.join(", ")} is superseded</Badge>
}

function More({ warning, copies }: { warning: Warning; copies: Copies }) {
    const [isMisp, setMisp] = useState(false)
    const { identity } = useVault()
    const disabledReason = useWhyNot()("copy:read")
    const parts = availableParts(warning)
    const none = parts.length === 0 ? "no copies yet" : null
    return (
        <>
            <ActionMenu
                label="More about the copies"
                actions={[
                    {
                        id: "all",
                        name: unfetched(warning).length === 0 ? "Open all copies…" : "Fetch all copies…",
                        disabledReason: disabledReason ?? none,
                        onAction: () => copies.open(parts),
                    },
                    {
                        id: "sealed",
                        name: "Save all copies sealed",
                        disabledReason: disabledReason ?? none,
                        onAction: () => copies.saveSealed(parts),
                    },
                    { id: "misp", name: "Save as MISP event…", disabledReason, onAction: () => setMisp(true) },
                    {
                        id: "forget",
                        name: "Forget the age identity",
                        disabledReason: identity === null ? "no identity in memory" : null,
                        onAction: forgetIdentity,
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <MispWindow warning={warning} open={isMisp} onClose={() => setMisp(false)} />
        </>
    )
}
