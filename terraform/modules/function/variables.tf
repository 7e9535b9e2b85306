variable "folder" {
  description = "The folder that the manifest is in, for messages."
  type        = string
}

variable "functions" {
  description = "The names of all functions."
  type        = list(string)
}

variable "place" {
  description = "Where the function runs."
  type = object({
    project_id = string
    number     = string
    region     = string
    protected  = bool
    labels     = map(string)
  })
}

variable "database" {
  description = "Whose documents it is told of, and where they are."
  type        = object({ name = string, location = string })
}

variable "roles" {
  description = "What a role of a manifest is granted as: itself, or a narrower one."
  type        = map(string)
}

variable "image" {
  description = "The image with its digest; null where none was built."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "images: `${var.folder}` has no digest. Build and push its image, and give `images` what `docker push` answers."
  }
}

variable "url" {
  description = "The address that deliveries go to."
  type        = string
}

variable "invoker" {
  description = "The account that transports call functions with."
  type        = string
}

variable "callers" {
  description = "The accounts of the functions that call this one, by function."
  type        = map(string)
  default     = {}
}

variable "peers" {
  description = "The addresses of the functions that this one calls, by function."
  type        = map(string)
  default     = {}
}

variable "env" {
  description = "Values that take the place of the manifest's, where it has the variable."
  type        = map(string)
  default     = {}
}

variable "env_secrets" {
  description = "As `env`, for values that are taken from a secret."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "The version of each secret that is used."
  type        = map(string)
  default     = {}
}

variable "topics" {
  description = "The topics that there are, by name."
  type        = map(string)
  default     = {}
}

variable "letters" {
  description = "Where the function's dead letters are told of: the delivery path of who keeps them, and its audience. Null: nowhere."
  type        = object({ function = string, endpoint = string, audience = string })
  default     = null
}

variable "pubsub_agent" {
  description = "Pub/Sub's own account in the project, as a member."
  type        = string
}

variable "subnet" {
  description = "The subnet through which the function reaches others; null: it calls nobody inside."
  type        = string
  default     = null
}

variable "trace_ratio" {
  description = "Which share of traces the function records; null: it records none, and may not."
  type        = number
  default     = null
}

variable "gcloud" {
  description = "The command that completes the subscriptions of Eventarc."
  type        = string
  default     = "gcloud"
}
