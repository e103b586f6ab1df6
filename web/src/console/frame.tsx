/** The frame of every console screen: the signed-in person, the navigation and the demonstration clock. */
import type { ReactNode } from "react"
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { hasPermission } from "../../../server/src/kernel/permissions.ts"
import { Access } from "../kit/sign-in/access.tsx"
import { isSignedOut } from "../kit/api.ts"
import { useLive } from "../kit/app.tsx"
import { RecoveryNotice } from "../kit/sign-in/recovery.tsx"
import { SignedOut, signOut } from "../kit/sign-in/sign-in.tsx"
import { DraftKeeper } from "../kit/draft-scope.tsx"
import { brief } from "../kit/instant.tsx"
import { Avatar, Frame, type NavItem } from "../kit/layout/frame.tsx"
import type { IconName } from "../kit/layout/icon.tsx"
import { ActionMenu } from "../kit/layout/menu.tsx"
import { Page } from "../kit/layout/page.tsx"
import { ProgramNow } from "../kit/typed-instant/program-now.ts"
import { Empty, Loaded } from "../kit/notice.tsx"
import type { Me } from "./answers.ts"
import { useRead } from "./api.ts"
import { Viewer, useCases, useMe, useNow } from "./artifacts/viewer.tsx"
import { Bands } from "./overview/bands.tsx"
import { ClockControl } from "./overview/clock.tsx"
import { DeputySection } from "./overview/deputies.tsx"
import { ConsolePalette } from "./palette.tsx"
import { otherLanguage, switchLanguage, t, valueText } from "../messages/message.ts"

interface Screen {
    readonly to: string
    readonly name: string
    readonly permission: string
}

interface Part {
    readonly name: string
    readonly icon: IconName
    /** The start of every address of this part. */
    readonly start: string
    readonly screens: readonly Screen[]
}

const parts: readonly Part[] = [
    part(t("Overview"), "bell", "/", { to: "/", name: t("Overview"), permission: "approval:read" }),
    part(t("Cases"), "shield", "/cases", { to: "/cases", name: t("Cases"), permission: "case:read" }),
    part(
        t("Schedule"),
        "calendar",
        "/schedule",
        { to: "/schedule", name: t("Waves"), permission: "wave:read" },
        { to: "/schedule/clocks", name: t("Regulatory clocks"), permission: "filing:read" },
        { to: "/schedule/default", name: t("Default schedule"), permission: "wave:read" },
    ),
    part(
        t("Partners"),
        "people",
        "/partners",
        { to: "/partners", name: t("Directory"), permission: "partner:read" },
        { to: "/partners/applications", name: t("Applications"), permission: "application:read" },
        { to: "/partners/requirements", name: t("Requirements and tiers"), permission: "partner:read" },
        { to: "/partners/agreement", name: t("Agreement"), permission: "agreement:read" },
    ),
    part(
        t("Policy"),
        "sliders",
        "/policy",
        { to: "/policy", name: t("Versions"), permission: "policy:read" },
        { to: "/policy/program-rules", name: t("Program rules"), permission: "partner:read" },
    ),
    part(
        t("Leaks"),
        "drop",
        "/leaks",
        { to: "/leaks/inquiries", name: t("Inquiries"), permission: "inquiry:read" },
        { to: "/leaks/evidence", name: t("Evidence"), permission: "evidence:read" },
        { to: "/leaks/exposure", name: t("Exposure"), permission: "exposure:read" },
        { to: "/leaks/canaries", name: t("Canaries"), permission: "canary:read" },
        { to: "/leaks/cross-case", name: t("Cross-case evidence"), permission: "evidence:read" },
        { to: "/leaks/measures", name: t("Measures"), permission: "measure:read" },
    ),
    part(t("Audit log"), "log", "/audit-log", { to: "/audit-log", name: t("Audit log"), permission: "audit_log:read" }),
    part(t("Statistics"), "bars", "/statistics", {
        to: "/statistics",
        name: t("Statistics"),
        permission: "statistics:read",
    }),
]

const settings = part(
    t("Settings"),
    "gear",
    "/settings",
    { to: "/settings/people", name: t("People and access"), permission: "staff:read" },
    { to: "/settings/keys", name: t("Keys"), permission: "server_key:read" },
    { to: "/settings/channels", name: t("Channels"), permission: "channel:read" },
    { to: "/settings/regimes", name: t("Regimes"), permission: "filing:read" },
    { to: "/settings/clocks", name: t("Clocks"), permission: "clock:read" },
    { to: "/settings/health", name: t("Health"), permission: "health:read" },
    { to: "/settings/access", name: t("Your access"), permission: "self:read" },
)

function part(name: string, icon: IconName, start: string, ...screens: readonly Screen[]): Part {
    return { name, icon, start, screens }
}

/** Returns the screens of a part that the viewer may see; null: none. */
function itemOf({ name, icon, start, screens }: Part, may: (need: string) => boolean, count = 0): NavItem | null {
    const tabs = screens.filter(({ permission }) => may(permission))
    const [first] = tabs
    return first === undefined
        ? null
        : {
              to: first.to,
              name,
              icon,
              count,
              ...(start !== "/" && { under: [start] }),
              ...(tabs.length > 1 && { tabs }),
          }
}

/** The page of a viewer who is signed out. */
export function Stranger() {
    return (
        <SignedOut
            lead={t("Console of the operator")}
            recovery={t(
                "Sign in with another passkey, and remove the lost one. Without one, ask an admin: two people restore your sign-in, and you get a new link by mail.",
            )}
        />
    )
}

/** Without children: shows the screen of the address. */
export function SignedInFrame({ children = <Outlet /> }: { children?: ReactNode }) {
    const me = useRead("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <Stranger />
    return <Loaded query={me}>{(viewer) => <Signed viewer={viewer}>{children}</Signed>}</Loaded>
}

function Signed({ viewer, children }: { viewer: Me; children: ReactNode }) {
    const actor = { kind: "operator" as const, person: viewer.id, roles: viewer.roles }
    const may = (need: string) => hasPermission(actor, need)
    const tasks = useRead("/api/tasks").data?.tasks.length ?? 0
    const nav = parts.flatMap((item) => itemOf(item, may, item.start === "/" ? tasks : 0) ?? [])
    const foot = [itemOf(settings, may)].filter((item) => item !== null)
    const bar = (
        <>
            <ConsolePalette items={[...nav, ...foot]} />
            <ClockControl />
        </>
    )
    return (
        <Viewer value={viewer}>
            <ProgramNow value={viewer.now}>
                <Frame
                    brand="Tocsin"
                    nav={nav}
                    foot={foot}
                    pins={<EmbargoPins />}
                    person={<PersonMenu name={viewer.name} roles={viewer.roles} id={viewer.id} />}
                    reader={viewer.name}
                    bar={bar}
                    bands={
                        <>
                            <RecoveryNotice />
                            <Bands />
                        </>
                    }
                >
                    <DraftKeeper>{children}</DraftKeeper>
                </Frame>
            </ProgramNow>
        </Viewer>
    )
}

/** The cases under embargo, the next to be published first. */
function EmbargoPins() {
    const now = parseInstant(useNow())
    const here = useLocation().pathname
    const cases = (useCases().data?.cases ?? [])
        .flatMap(({ id, title, phase, publication }) =>
            phase === "running" && publication !== null ? [{ id, title, at: parseInstant(publication) }] : [],
        )
        .toSorted((a, b) => a.at - b.at)
        .slice(0, pinsMax)
    if (cases.length === 0) return null
    return (
        <nav aria-label={t("Under embargo")}>
            <p className="side-title">{t("Under embargo")}</p>
            <ul>
                {cases.map(({ id, title, at }) => (
                    <li key={id}>
                        <Link
                            to={`/cases/${id}`}
                            className={here.startsWith(`/cases/${id}`) ? "pin on" : "pin"}
                            activeProps={{}}
                            title={title}
                        >
                            <span className={at - now < 2 * dayMs ? "dot warn" : "dot"} />
                            <span className="clip">{title}</span>
                            <span className="t">{brief(at - now)}</span>
                        </Link>
                    </li>
                ))}
            </ul>
        </nav>
    )
}

const pinsMax = 6

function PersonMenu({ name, roles, id }: { name: string; roles: readonly string[]; id: string }) {
    const navigate = useNavigate()
    return (
        <ActionMenu
            label={t("{name} {roles}: your account", { name, roles: roles.map(valueText).join(", ") })}
            className="person"
            actions={[
                { id: "access", name: t("Your access"), onAction: () => void navigate({ to: "/settings/access" }) },
                { id: "language", name: otherLanguage, onAction: switchLanguage },
                { id: "out", name: t("Sign out"), onAction: () => void signOut(id) },
            ]}
        >
            <Avatar name={name} />
            <span className="label-text clip">
                {name} <small>{roles.map(valueText).join(", ")}</small>
            </span>
        </ActionMenu>
    )
}

export function MyAccess() {
    const otherwise = t("If you have no link, an admin restores your sign-in.")
    return (
        <Access side="console" name={useMe().name} initialScopes={["poll"]} otherwise={otherwise}>
            <DeputySection />
        </Access>
    )
}

export function Nowhere() {
    return (
        <SignedInFrame>
            <Page title={t("Page not found")}>
                <Empty title={t("No page has this address.")}>
                    <Link to="/">{t("Back to the overview")}</Link>
                </Empty>
            </Page>
        </SignedInFrame>
    )
}
