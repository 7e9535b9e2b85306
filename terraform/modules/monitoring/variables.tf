variable "project_id" {
  type        = string
  description = "The project whose lines are counted and whose functions are watched."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is not the id of a project."
  }
}

variable "functions" {
  type = map(object({
    service       = string
    subscriptions = optional(list(string), [])
  }))
  description = "Each function by its name: its Cloud Run service, and the push subscriptions that deliver to it."

  validation {
    condition     = alltrue([for function in values(var.functions) : can(regex("^[a-z][a-z0-9-]{0,48}$", function.service))])
    error_message = "functions: a service has a name that Cloud Run would not take."
  }

  validation {
    condition     = length(distinct(flatten([for function in values(var.functions) : function.subscriptions]))) == length(flatten([for function in values(var.functions) : function.subscriptions]))
    error_message = "functions: a subscription delivers to one function."
  }
}

variable "subscriptions" {
  type        = list(string)
  default     = []
  description = "Push subscriptions of no one function, such as those that take dead letters in."
}

variable "channels" {
  type = object({
    page   = optional(list(string), [])
    ticket = optional(list(string), [])
  })
  default     = {}
  description = "The notification channels, by id: whom a page wakes, and where a ticket lands."

  validation {
    condition     = alltrue([for id in concat(var.channels.page, var.channels.ticket) : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", id))])
    error_message = "channels: give ids such as projects/P/notificationChannels/N."
  }
}

variable "runbook_url" {
  type        = string
  default     = null
  nullable    = true
  description = "Where RUNBOOK.md can be read. Each alert links its own entry."

  validation {
    condition     = var.runbook_url == null || can(regex("^https://", var.runbook_url))
    error_message = "runbook_url begins with https://."
  }
}

variable "labels" {
  type        = map(string)
  default     = {}
  description = "Labels of every alert policy and objective."
}
