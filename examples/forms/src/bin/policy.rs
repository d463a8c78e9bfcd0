//! See the module `policy` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::policy::app().await?).await;
    Ok(())
}
