/** Starts the portal in the browser. */
import { createRouter } from "@tanstack/react-router"
import { portalTree } from "../portal.tsx"
import { start } from "../kit/app.tsx"

start(createRouter({ routeTree: portalTree, defaultPreload: "intent" }))
