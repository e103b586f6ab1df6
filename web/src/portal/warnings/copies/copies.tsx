/** The copies of a warning: what each is, whether it was fetched, and opening or saving it. */
import { useState } from "react"
import { sealedFormats } from "@tocsin/client/sealed-format"
import { keysForFile } from "../../../../../server/src/trust/partners/keys/key.ts"
import { type ArtifactClass, artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { Button } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Icon, type IconName } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Empty, Failed } from "../../../kit/notice.tsx"
import { Badge, Label, Section } from "../../../kit/table.tsx"
import { partName, type Part, type Warning } from "../../answers.ts"
import { hasOpenPgpOnly, usableIn } from "../../organisation/key-state.ts"
import { useMe, useWhyNot } from "../../viewer.ts"
import { availableParts, unfetched } from "../inbox.ts"
import { MispWindow } from "./misp.tsx"
import type { Copies } from "./open-copies.ts"
import { forgetIdentity, useVault } from "./vault.ts"
import { rich, t, valueText } from "../../../messages/message.ts"

const classes: Readonly<Record<ArtifactClass, { readonly icon: IconName; readonly text: string }>> = {
    summary: { icon: "file", text: t("General description") },
    technical: { icon: "file", text: t("Root cause and reach") },
    guidance: { icon: "shield", text: t("Detection and protection") },
    indicators: { icon: "hash", text: t("Indicators") },
    rules: { icon: "code", text: t("Detection rule") },
    repro: { icon: "play", text: t("Steps to reproduce") },
    poc: { icon: "play", text: t("Proof of concept") },
    patch: { icon: "check", text: t("Fixed versions") },
}

export const classText = (kind: ArtifactClass): string => classes[kind].text

export const byClass = (parts: readonly Part[]): Part[] =>
    parts.toSorted((a, b) => artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class))

export function CopiesSection({ warning, copies }: { warning: Warning; copies: Copies }) {
    const parts = byClass(availableParts(warning))
    const me = useMe()
    const { name: partner } = me.partner
    return (
        <Section title={t("Your copies")} count={parts.length} aside={<More warning={warning} copies={copies} />}>
            {parts.length === 0 ? (
                <Empty title={t("You have no access to these artifacts yet.")}>
                    {t("Copies appear here when a wave for your tier is released.")}
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
                        {hasOpenPgpOnly(me)
                            ? t("Marked for {partner} and sealed to your OpenPGP keys. Each fetch is recorded.", {
                                  partner,
                              })
                            : t(
                                  "Marked for {partner} and sealed to your keys. Your browser decrypts them. Each fetch is recorded.",
                                  { partner },
                              )}
                    </p>
                </>
            )}
        </Section>
    )
}

function Row({ part, copies }: { part: Part; copies: Copies }) {
    const { icon } = classes[part.class]
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
                    <Status part={part} />
                </div>
            </div>
            <Superseded part={part} />
            <Label scheme="TLP" value={part.tlp} />
            <Button disabledReason={disabledReason} onPress={() => copies.open([part])}>
                {rich("Open <unseen>{name}</unseen>", {
                    name,
                    unseen: (text) => <span className="unseen">{text}</span>,
                })}
            </Button>
            <Button
                look="quiet"
                label={t("Save {name} sealed", { name })}
                disabledReason={disabledReason}
                onPress={() => copies.saveSealed([part])}
            >
                <Icon name="download" />
            </Button>
        </li>
    )
}

function Status({ part: { class: kind, version, fetchedAt, acknowledgedAt } }: { part: Part }) {
    const content = classText(kind)
    if (acknowledgedAt !== null) {
        return rich("{content}, version {version}, acknowledged {acknowledgedAt}", {
            content,
            version,
            acknowledgedAt: <When at={acknowledgedAt} short />,
        })
    }
    if (fetchedAt === null) return t("{content}, version {version}, not fetched", { content, version })
    return rich("{content}, version {version}, fetched {fetchedAt}", {
        content,
        version,
        fetchedAt: <When at={fetchedAt} short />,
    })
}

function Superseded({ part: { holds } }: { part: Part }) {
    const old = holds.filter(({ superseded }) => superseded).map(({ version }) => version)
    return old.length === 0 ? null : (
        <Badge tone="due">
            {t(
                "{count, plural, one {your version {versions} is superseded} other {your versions {versions} are superseded}}",
                { count: old.length, versions: old.join(", ") },
            )}
        </Badge>
    )
}

function More({ warning, copies }: { warning: Warning; copies: Copies }) {
    const [isMisp, setMisp] = useState(false)
    const { identity } = useVault()
    const disabledReason = useWhyNot()("copy:read")
    const parts = availableParts(warning)
    const none = parts.length === 0 ? t("no copies yet") : null
    const usableKeys = usableIn(useMe())
    const hasBoth = sealedFormats.every((format) => keysForFile(usableKeys, format).length > 0)
    return (
        <>
            <ActionMenu
                label={t("More about the copies")}
                actions={[
                    {
                        id: "all",
                        name: unfetched(warning).length === 0 ? t("Open all copies…") : t("Fetch all copies…"),
                        disabledReason: disabledReason ?? none,
                        onAction: () => copies.open(parts),
                    },
                    {
                        id: "sealed",
                        name: t("Save all copies sealed"),
                        disabledReason: disabledReason ?? none,
                        onAction: () => copies.saveSealed(parts),
                    },
                    ...(hasBoth
                        ? [
                              {
                                  id: "openpgp",
                                  name: t("Save all copies sealed to your OpenPGP keys"),
                                  disabledReason: disabledReason ?? none,
                                  onAction: () => copies.saveSealed(parts, "openpgp"),
                              },
                          ]
                        : []),
                    { id: "misp", name: t("Save as MISP event…"), disabledReason, onAction: () => setMisp(true) },
                    {
                        id: "forget",
                        name: t("Forget the age identity"),
                        disabledReason: identity === null ? t("no identity in memory") : null,
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
